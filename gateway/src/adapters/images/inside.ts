/** Runs `packages.py` in a container, once for each command. */
import { Problem } from '@bine/shared/problems';
import type { Docker } from '../docker/docker.ts';
import { buildEnvironment, builderUser } from './build-place.ts';
import { listen } from './facts.ts';
import type { Told } from './facts.ts';
import type { BuildProgress } from '../../ports/images.ts';

/** `program`: what Python is given to run, a path or `-c` and a text. */
export type Call = { container: string; program: string[]; command: string };

export type Inside = {
  /** @throws Problem `build-failed` with what it complained of */
  run(call: Call, input: Record<string, unknown>, progress: BuildProgress): Promise<Told>;
  bytes(call: Call, input: Record<string, unknown>, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
};

export function createInside(docker: Pick<Docker, 'exec' | 'execBytes'>, environment: Record<string, string>): Inside {
  const spec = ({ program, command }: Call, input: Record<string, unknown>) =>
    packagesSpec([...program, command, JSON.stringify(input)], environment);

  return {
    async run(call, input, { signal, onLine }) {
      const { lines, exitCode } = await docker.exec(call.container, spec(call, input), signal);
      const listening = listen(onLine);
      for await (const line of lines) listening.take(line);
      signal.throwIfAborted();
      const code = await exitCode();
      if (code !== 0) throw listening.problem(`It ended with exit code ${code}.`);
      return listening.told;
    },

    async bytes(call, input, signal) {
      const { bytes, exitCode } = await docker.execBytes(call.container, spec(call, input), signal);
      return (async function* () {
        yield* bytes;
        const code = await exitCode();
        if (code !== 0) throw new Problem('internal', `${call.command} ended with exit code ${code} in a container.`);
      })();
    },
  };
}

/** How `packages.py` is run with these words. */
export function packagesSpec(words: string[], environment: Record<string, string>) {
  return {
    command: ['/opt/bine/bin/python', '-I', ...words],
    environment: { ...buildEnvironment, ...environment },
    // Whatever the image has in place of Python: it gets no more than who made the image had.
    user: `${builderUser.uid}:${builderUser.gid}`,
  };
}
