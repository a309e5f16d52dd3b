/** The file system's errors in the user's words. `path` is the user's own, never the gateway's. */
import { Problem } from '@bine/shared/problems';
import type { ProblemCode } from '@bine/shared/problems';
import { codeOf } from './descriptors.ts';

const explanations: Record<string, [ProblemCode, (path: string) => string]> = {
  ENOENT: ['not-found', (path) => `${path} does not exist.`],
  ENOTDIR: ['not-found', (path) => `${path} does not exist: a name before the last is not a folder.`],
  EEXIST: ['already-exists', (path) => `${path} exists already. Choose another name, or overwrite it.`],
  ENOTEMPTY: ['already-exists', (path) => `${path} exists already and is not empty. Choose another name, or overwrite it.`],
  EISDIR: ['conflict', (path) => `${path} is a folder; this needs a file.`],
  EBUSY: ['conflict', (path) => `${path} is in use by the system, as a mounted disk is; it stays where it is.`],
  ELOOP: ['path-refused', (path) => `${path} became a link while it was opened, so it is not followed. Try again.`],
  EACCES: ['path-refused', (path) => `The gateway may not touch ${path}: its owner or mode forbids it. Change them in a terminal.`],
  EPERM: ['path-refused', (path) => `The gateway may not touch ${path}: the file system forbids it.`],
  EROFS: ['path-refused', (path) => `${path} is on a disk that can only be read.`],
  ENOSPC: ['no-space', (path) => `The disk is full, so ${path} stays as it was. Empty the bin or delete what is not needed.`],
  EDQUOT: ['no-space', (path) => `The disk quota is used up, so ${path} stays as it was. Empty the bin or delete what is not needed.`],
  ECONNRESET: ['cancelled', (path) => `The sender went away before all bytes had come, so ${path} stays as it was.`],
  ABORT_ERR: ['cancelled', (path) => `It was cancelled, so ${path} stays as it was.`],
  TIMEOUT: ['timeout', (path) => `It took too long, so ${path} stays as it was. Try with less at once.`],
  EFBIG: ['too-large', (path) => `${path} would be larger than the disk or a limit of the gateway's process allows.`],
};

/** Quoted, so that a name can't be mistaken for the sentence around it. */
export const quote = (names: readonly string[] | string): string => {
  const path = typeof names === 'string' ? names : names.join('/');
  return path === '' ? "the project's folder" : JSON.stringify(path);
};

/** Runs a file operation on the user's `names`, and turns what the file system says into a {@link Problem}. */
export async function explained<T>(names: readonly string[] | string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    // Node wraps the reason of an abort.
    if (error instanceof Error && error.cause instanceof Problem) throw error.cause;
    const explanation = explanations[nameOf(error)];
    if (error instanceof Problem || !explanation) throw error;
    const [code, detail] = explanation;
    throw new Problem(code, sentence(detail(quote(names))), { cause: error });
  }
}

function nameOf(error: unknown): string {
  if (!(error instanceof DOMException)) return codeOf(error) ?? '';
  return { AbortError: 'ABORT_ERR', TimeoutError: 'TIMEOUT' }[error.name] ?? '';
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
