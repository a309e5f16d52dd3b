/** Getting to a kernel's supervisor, while its container may end and the engine may be away. */
import { Problem } from '@bine/shared/problems';
import type { ContainerState, Docker } from '../../adapters/docker/docker.ts';
import type { Supervisor, Supervisors } from '../../ports/kernel-agent.ts';
import { delay } from '../../lib/delay.ts';

/** The kernel's container ended; why is asked of the engine. */
export class ContainerEnded extends Error {}

const engineRetryMilliseconds = 1000;

export type Attempt = {
  docker: Pick<Docker, 'inspect' | 'wait'>;
  connect: Supervisors['connect'];
  container: string;
  /** The kernel's folder. */
  directory: string;
  milliseconds: number;
  signal: AbortSignal;
};

/** @throws ContainerEnded as soon as the container is not running, Problem `timeout` if nobody answers in it */
export async function connectOrEnd({ docker, connect, container, directory, milliseconds, signal }: Attempt): Promise<Supervisor> {
  const over = new AbortController();
  const deadline = AbortSignal.timeout(milliseconds);
  const both = AbortSignal.any([signal, over.signal]);
  try {
    return await Promise.race([connect({ directory, signal: AbortSignal.any([both, deadline]) }), ended(docker, container, both)]);
  } catch (error) {
    if (!signal.aborted && deadline.aborted) {
      throw new Problem('timeout', `Its supervisor did not answer within ${milliseconds / 1000} s.`, { cause: error });
    }
    throw error;
  } finally {
    over.abort();
  }
}

async function ended(docker: Attempt['docker'], container: string, signal: AbortSignal): Promise<never> {
  await untilOver(docker, container, signal);
  throw new ContainerEnded();
}

/** Waits until it does not run. null: it is gone. */
export async function untilOver(docker: Attempt['docker'], container: string, signal: AbortSignal): Promise<ContainerState | null> {
  while (!signal.aborted) {
    const state = await inspectWhenUp(docker, container, signal);
    if (!state?.running) return state;
    await docker.wait(container, signal).catch(unlessEngine);
  }
  throw signal.reason;
}

/** Waits for the engine if it is away: what became of the container is known only then. */
export async function inspectWhenUp(docker: Attempt['docker'], container: string, signal: AbortSignal): Promise<ContainerState | null> {
  while (!signal.aborted) {
    try {
      return await docker.inspect(container, signal);
    } catch (error) {
      unlessEngine(error);
      await delay(engineRetryMilliseconds, signal);
    }
  }
  throw signal.reason;
}

/** An engine that goes away takes its answers along; a container that was removed cannot be waited for. The next inspection tells. */
function unlessEngine(error: unknown): void {
  if (!(error instanceof Problem) || !['engine-unavailable', 'timeout', 'not-found', 'internal'].includes(error.code)) throw error;
}
