/** Getting to a kernel's supervisor, while its workload may end and the backend may be away. */
import { Problem } from '@bine/shared/problems';
import type { Supervisor, Supervisors } from '../../ports/kernel-agent.ts';
import type { Compute, EndReason, WorkloadRef } from '../../ports/compute.ts';

/** The kernel's workload is over. */
export class WorkloadEnded extends Error {
  readonly end: EndReason;

  constructor(end: EndReason) {
    super(`the workload ended: ${end.type}`);
    this.end = end;
  }
}

export type Attempt = {
  compute: Pick<Compute, 'untilOver'>;
  connect: Supervisors['connect'];
  workload: WorkloadRef;
  /** The kernel's folder. */
  directory: string;
  deadlineMs: number;
  signal: AbortSignal;
};

/** @throws WorkloadEnded as soon as the workload is over, Problem `timeout` if nobody answers in it */
export async function connectOrEnd({ compute, connect, workload, directory, deadlineMs, signal }: Attempt): Promise<Supervisor> {
  const over = new AbortController();
  const deadline = AbortSignal.timeout(deadlineMs);
  const both = AbortSignal.any([signal, over.signal]);
  const ended = async (): Promise<never> => {
    throw new WorkloadEnded(await compute.untilOver(workload, both));
  };
  try {
    return await Promise.race([connect({ directory, signal: AbortSignal.any([both, deadline]) }), ended()]);
  } catch (error) {
    if (!signal.aborted && deadline.aborted) {
      throw new Problem('timeout', `Its supervisor did not answer within ${deadlineMs / 1000} s.`, { cause: error });
    }
    throw error;
  } finally {
    over.abort();
  }
}
