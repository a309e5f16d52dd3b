/** What an execution's runner left in its folder, checked: a program in the container can write in its place. */
import { watch } from 'node:fs';
import { z } from 'zod';
import type { Usage } from '@bine/shared';
import { toTime } from '../../lib/time.ts';
import { openRegularFile } from '../supervisor/untrusted.ts';
import type { RunnerEnd, RunnerProgress } from '../../ports/job-agent.ts';

const count = z.int().min(0);

const End = z.object({
  reason: z.enum(['stopped', 'timed-out']).nullable(),
  exitCode: z.int().min(0).max(255),
  signal: z.string().max(32).nullable(),
  outOfMemory: z.boolean(),
  error: z.string().max(4096).nullable(),
  /** Of a notebook, the number of the cell that `error` tells of. */
  cell: count.nullable().default(null),
  warnings: z.array(z.string().max(8192)).max(50).default([]),
  /** Seconds since 1970. */
  started: z.number().min(0).max(1e11),
  ended: z.number().min(0).max(1e11),
  /** The seq of its log's last line. */
  lines: count.default(0),
});

const Progress = z.object({ done: count, total: count });
const Sample = z.tuple([z.number().min(0).max(1e11), z.number().min(0), count]);

const smallFile = 64 * 1024;
/** Far above what the runner's bounded number of samples takes. */
const usageFile = 2 ** 20;

/** null: it has not ended, or its runner did not live to say how. */
export async function readEnd(directory: string): Promise<RunnerEnd | null> {
  return End.safeParse(parseJson(await read(directory, 'result.json', smallFile))).data ?? null;
}

/** Of a notebook, how many of its cells are done. */
export async function readProgress(directory: string): Promise<RunnerProgress | null> {
  return Progress.safeParse(parseJson(await read(directory, 'progress.json', smallFile))).data ?? null;
}

export async function readUsage(directory: string): Promise<Usage[]> {
  const lines = (await read(directory, 'usage', usageFile))?.split('\n') ?? [];
  return lines.flatMap((line) => {
    const sample = Sample.safeParse(parseJson(line)).data;
    return sample ? [{ time: toTime(sample[0]), cpu: sample[1], memory: sample[2] }] : [];
  });
}

/** @param onChange called when something of its log, or something else, may have changed. @throws where there is no such folder */
export function watchFolder(directory: string, onChange: (what: 'log' | 'state') => void): Disposable {
  const watcher = watch(directory, { persistent: false }, (_event, name) => onChange(name?.startsWith('log-') ? 'log' : 'state'));
  // A folder that is deleted says nothing more.
  watcher.on('error', () => onChange('state'));
  return { [Symbol.dispose]: () => watcher.close() };
}

async function read(directory: string, name: string, most: number): Promise<string | null> {
  const file = await openRegularFile(directory, name);
  if (!file) return null;
  await using _ = file;
  const buffer = Buffer.alloc(Math.min(most, (await file.stat()).size));
  const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
  return buffer.toString('utf8', 0, bytesRead);
}

function parseJson(text: string | null): unknown {
  try {
    return text === null ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
