/** Whether a failure is for want of room on a disk, whoever noticed it: the file system, SQLite, or an error that one of them caused. */
import { Problem } from '@bine/shared/problems';

const sqliteFull = 13;
/** Shared memory of the write-ahead log that could not be made larger. */
const sqliteSharedMemory = 4874;
const deepest = 5;

export function isNoSpace(error: unknown): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < deepest; at = at.cause, depth++) {
    if (at instanceof Problem && at.code === 'no-space') return true;
    const { code, errcode } = at as { code?: string; errcode?: number };
    if (code === 'ENOSPC' || code === 'EDQUOT') return true;
    if (code === 'ERR_SQLITE_ERROR' && (errcode === sqliteFull || errcode === sqliteSharedMemory)) return true;
  }
  return false;
}
