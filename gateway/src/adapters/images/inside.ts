/** Runs `packages.py` in a container, whose words are for people and whose facts, behind a record separator, are for us. */
import { Problem } from '@bine/shared/problems';
import { z } from 'zod';
import type { Docker } from '../docker/docker.ts';
import { ImagePackage } from '../store/environments.ts';
import { complaint } from './run-and-keep.ts';
import type { Progress } from './run-and-keep.ts';

/** `program`: what Python is given to run, a path or `-c` and a text. */
export type Call = { container: string; program: string[]; command: string };

export type Told = { packages: ImagePackage[]; modules: string[] };

export type Inside = {
  /** @throws Problem `build-failed` with what it complained of */
  run(call: Call, input: Record<string, unknown>, progress: Progress): Promise<Told>;
  bytes(call: Call, input: Record<string, unknown>, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
};

const Fact = z.union([
  z.strictObject({ package: ImagePackage }),
  z.strictObject({ module: z.string() }),
  z.strictObject({ error: z.string() }),
]);

const separator = '\u001e';
const wordsKept = 60;

export function createInside(docker: Pick<Docker, 'exec' | 'execBytes'>, environment: Record<string, string>): Inside {
  const spec = ({ program, command }: Call, input: Record<string, unknown>) => ({
    command: ['/opt/bine/bin/python', '-I', ...program, command, JSON.stringify(input)],
    environment: { UV_CACHE_DIR: '/cache/uv', UV_LINK_MODE: 'copy', ...environment },
    user: '0:0',
  });

  return {
    async run(call, input, { signal, onLine }) {
      const { lines, exitCode } = await docker.exec(call.container, spec(call, input), signal);
      const told: Told = { packages: [], modules: [] };
      const said: string[] = [];
      let error: string | null = null;
      for await (const line of lines) {
        if (!line.startsWith(separator)) {
          said.push(line);
          if (said.length > wordsKept) said.shift();
          onLine(line);
          continue;
        }
        const fact = Fact.parse(JSON.parse(line.slice(1)));
        if ('package' in fact) told.packages.push(fact.package);
        else if ('module' in fact) told.modules.push(fact.module);
        else error = fact.error;
      }
      signal.throwIfAborted();
      const code = await exitCode();
      if (code !== 0) throw new Problem('build-failed', error ?? complaint(said) ?? `It ended with exit code ${code}.`);
      return told;
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
