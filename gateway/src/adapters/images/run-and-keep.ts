/** An image made from another one by running a command in it: what a builder does, with any engine, without one. */
import { Problem } from '@bine/shared/problems';
import type { Docker } from '../docker/docker.ts';
import type { ContainerSpec } from '../docker/docker.ts';
import { complaint } from './complaint.ts';
import type { BuildProgress } from '../../ports/images.ts';

export type Step = {
  container: ContainerSpec;
  /** Where the result is kept, and Dockerfile instructions that say how it is run. */
  repository: string;
  tag: string;
  changes: string[];
};

/** uv's complaint stands before all that a failed build printed. */
export const linesKept = 2000;

/** @returns the new image's digest. @throws Problem `build-failed` with the last thing the command said */
export async function runAndKeep(docker: Docker, step: Step, { signal, onLine }: BuildProgress): Promise<string> {
  // Without the signal: the engine makes it all the same when the request is cut, and then nobody would know its id.
  const id = await docker.create(step.container);
  try {
    signal.throwIfAborted();
    await docker.start(id, signal);
    const said: string[] = [];
    for await (const line of docker.output(id, { follow: true, signal })) {
      said.push(line);
      if (said.length > linesKept) said.shift();
      onLine(line);
    }
    const code = await docker.wait(id, signal);
    if (code !== 0) throw new Problem('build-failed', complaint(said) ?? `The build ended with exit code ${code}.`);
    onLine('Keeping the image');
    return await docker.commit(id, step, signal);
  } finally {
    await docker.remove(id);
  }
}
