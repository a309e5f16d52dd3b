/** Why a kernel died, in a sentence for the person whose kernel it was. */
import type { Compute, EndReason, WorkloadRef } from '../../ports/compute.ts';
import { describeEnd } from '../compute/end-reason.ts';

/** The exit code of a supervisor that failed itself, and then says how in its last line. */
const supervisorFault = 70;

export const isSupervisorFault = (end: EndReason): boolean => end.type === 'exited' && end.exitCode === supervisorFault;

/** `memory`: its limit in MiB. */
type Ended = { workload: WorkloadRef; end: EndReason; memory: number; signal: AbortSignal };

/** In the supervisor's own words where it failed itself. */
export async function causeOfKernelEnd(compute: Pick<Compute, 'lastLines'>, { workload, end, memory, signal }: Ended): Promise<string> {
  if (!isSupervisorFault(end)) return describeEnd(end, memory);
  const [said = "Bine's supervisor failed"] = await compute.lastLines(workload, 1, signal);
  return `${said}. The kernel died with it: restart it.`;
}
