/** Why a kernel's container ended, in a sentence for the person whose kernel it was. */
import type { ContainerState, Docker } from '../../adapters/docker/docker.ts';

const signals: Record<number, string> = { 1: 'SIGHUP', 2: 'SIGINT', 6: 'SIGABRT', 9: 'SIGKILL', 11: 'SIGSEGV', 15: 'SIGTERM' };

/** @param memory its limit in MiB */
export function causeOfEnd(container: ContainerState | null, memory: number): string {
  if (!container) return 'Its container was removed by something other than Bine.';
  if (container.outOfMemory) {
    return `It ran out of memory: its limit is ${memory} MiB. Start it with more, or load less at once.`;
  }
  if (container.error) return `Its container could not be run: ${container.error}`;
  const { exitCode } = container;
  if (exitCode === 0) return 'Its container was stopped from outside.';
  const signal = signals[exitCode - 128];
  if (signal === 'SIGKILL') return 'It was killed (SIGKILL) from outside, or the container engine was restarted.';
  if (signal) return `It was ended by the signal ${signal}.`;
  return `Its container ended with exit code ${exitCode}.`;
}

/** The exit code of a supervisor that failed itself, and then says how in its last line. */
export const supervisorFault = 70;

type Ended = { container: string; found: ContainerState | null; memory: number; signal: AbortSignal };

/** The same, in the supervisor's own words where it failed itself. */
export async function causeOfKernelEnd(docker: Pick<Docker, 'output'>, { container, found, memory, signal }: Ended): Promise<string> {
  if (found?.exitCode !== supervisorFault || found.outOfMemory) return causeOfEnd(found, memory);
  let said = "Bine's supervisor failed";
  for await (const line of docker.output(container, { follow: false, tail: 1, signal })) said = line;
  return `${said}. The kernel died with it: restart it.`;
}
