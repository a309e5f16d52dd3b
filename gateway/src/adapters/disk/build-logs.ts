/** The log of each environment's last build, kept until the next one begins, and of each change: one line of JSON for each line. */
import { appendFile, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BuildLine } from '@bine/shared';
import { createChanges } from '../../lib/changes.ts';
import type { Changes } from '../../lib/changes.ts';
import type { BuildLogs, BuildLogWriter } from '../../ports/build-logs.ts';

type Live = { written: Changes; ended: boolean };

export function createBuildLogs(folder: string): BuildLogs {
  const writing = new Map<string, Live>();
  // Who asks for the log of a build that was just begun gets that one, not the one before.
  const beginning = new Map<string, Promise<unknown>>();
  const fileOf = (environment: string) => join(folder, environment, 'log.jsonl');

  async function begin(environment: string): Promise<BuildLogWriter> {
    const file = fileOf(environment);
    await mkdir(join(folder, environment), { recursive: true });
    await rm(file, { force: true });
    const handle = await open(file, 'ax');
    const live: Live = { written: createChanges(), ended: false };
    writing.set(environment, live);
    let last = Promise.resolve();
    return {
      write(line) {
        last = last.then(() => handle.appendFile(`${JSON.stringify(line)}\n`)).then(() => live.written.ring());
      },
      async close() {
        await last;
        await handle.close();
        live.ended = true;
        if (writing.get(environment) === live) writing.delete(environment);
        live.written.ring();
      },
    };
  }

  return {
    begin(environment) {
      const begun = begin(environment);
      beginning.set(
        environment,
        begun.catch(() => undefined),
      );
      return begun;
    },

    async read(environment, signal) {
      await beginning.get(environment);
      const live = writing.get(environment);
      const handle = await open(fileOf(environment), 'r').catch(absent);
      return handle && follow(handle, live, signal);
    },

    async last(environment) {
      const text = await readFile(fileOf(environment), 'utf8').catch(absent);
      const line = text?.trimEnd().split('\n').at(-1);
      return line ? parseLine(line) : null;
    },

    async end(environment, line) {
      // The empty line closes one that the crash cut short.
      await mkdir(join(folder, environment), { recursive: true });
      await appendFile(fileOf(environment), `\n${JSON.stringify(line)}\n`);
    },

    remove: (environment) => rm(join(folder, environment), { recursive: true, force: true }),
  };
}

type Handle = Awaited<ReturnType<typeof open>>;

async function* follow(handle: Handle, live: Live | undefined, signal: AbortSignal): AsyncGenerator<BuildLine> {
  await using _ = handle;
  const buffer = Buffer.alloc(64 * 1024);
  let rest: Buffer = Buffer.alloc(0);
  while (!signal.aborted) {
    // Asked before reading: what is written after the read has rung the bell by the time we wait for it.
    const last = !live || live.ended;
    const change = live && new AbortController();
    const rung = live?.written.next(AbortSignal.any([signal, change!.signal]));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, null);
    rest = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
    for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
      const line = parseLine(rest.subarray(0, end).toString());
      rest = rest.subarray(end + 1);
      if (line) yield line;
    }
    if (bytesRead === 0 && last) return;
    if (bytesRead === 0) await rung;
    else change?.abort();
  }
}

/** A line that a crash cut short is no line. */
function parseLine(line: string): BuildLine | null {
  try {
    return BuildLine.parse(JSON.parse(line));
  } catch {
    return null;
  }
}

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}
