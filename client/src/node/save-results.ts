/** Which results of an execution can be saved into a folder, and which would replace what somebody changed there since. */
import { createHash } from 'node:crypto';
import type { Result } from '@bine/shared';
import { problemOfPath } from '@bine/shared/path-names';

export type SavePlan = {
  /** Nothing is lost by saving them: there is no such file, or it is as the execution was given it. */
  free: Saved[];
  /** The file there is neither what the execution was given nor the result. */
  changed: Saved[];
  /** They are there already. */
  same: Saved[];
};

/** `path` is where it is saved, in the folder. */
export type Saved = { result: Result; path: string };

export type Planning = {
  results: readonly Saved[];
  /** null: there is no such file. */
  read: (path: string) => Promise<Blob | null>;
  /** The bytes of a result. */
  fetch: (result: Result) => Promise<Response>;
  signal: AbortSignal;
};

export async function planSaving({ results, read, fetch, signal }: Planning): Promise<SavePlan> {
  const plan: SavePlan = { free: [], changed: [], same: [] };
  for (const saved of results) {
    signal.throwIfAborted();
    const { result, path } = saved;
    const problem = path.split('/').includes('..') ? 'leads out of the folder' : problemOfPath(path);
    if (problem) throw new TypeError(`The path ${JSON.stringify(path)} ${problem}.`);
    const there = await read(path);
    const digest = there && (await digestOf(there.stream()));
    if (!there || digest === result.before) plan.free.push(saved);
    else if (there.size === result.size && digest === (await digestOf((await fetch(result)).body))) plan.same.push(saved);
    else plan.changed.push(saved);
  }
  return plan;
}

async function digestOf(content: ReadableStream<Uint8Array> | null): Promise<string> {
  const hash = createHash('sha256');
  if (content) for await (const chunk of content) hash.update(chunk);
  return hash.digest('hex');
}
