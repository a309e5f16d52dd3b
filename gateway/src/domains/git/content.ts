/** A file as Git has it, in a commit or as it is staged. */
import { Readable } from 'node:stream';
import { Problem } from '@bine/shared/problems';
import type { OpenFile } from '../files/files.ts';
import { parsePath } from '../files/path.ts';
import { commitOf, headOf } from './looking.ts';
import type { LookingParts } from './looking.ts';
import type { At } from './parts.ts';

/** It passes through memory. */
const mostBytes = 64 * 2 ** 20;

export function contentAction(parts: LookingParts) {
  const { repositories, git } = parts;
  /** @param ref '' for what is staged */
  return async ({ path, ref, ...at }: At & { path: string; ref: string }, signal: AbortSignal): Promise<OpenFile> => {
    parsePath(path);
    return repositories.look(at, signal, async (repository) => {
      const commit = ref === '' ? '' : ref === 'HEAD' ? await headOf(parts, repository) : await commitOf(parts, repository, ref);
      const found = commit === null ? null : await repository.run(git.commands.blob(commit, path));
      if (!found) throw new Problem('not-found', `${JSON.stringify(path)} is not ${ref === '' ? 'staged' : `in ${ref}`}.`);
      if (found.size > mostBytes)
        throw new Problem('too-large', `${JSON.stringify(path)} has ${found.size} bytes there; up to ${mostBytes} can be read.`);
      const bytes = await repository.run(git.commands.blobContent(found.hash, mostBytes));
      return toOpenFile(path, found.hash, bytes);
    });
  };
}

function toOpenFile(path: string, hash: string, bytes: Buffer): OpenFile {
  const whenever = new Date(0).toISOString();
  return {
    stat: { path, type: 'file', size: bytes.length, created: whenever, modified: whenever, etag: hash },
    stream(range) {
      const part = range ? bytes.subarray(range.start, range.end + 1) : bytes;
      return Object.assign(Readable.from([part], { objectMode: false }), { bytesRead: part.length });
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}
