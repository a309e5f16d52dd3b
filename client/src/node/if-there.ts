import { getSystemErrorMessage } from 'node:util';
import { Problem } from '@bine/shared/problems';

/** What reading a file or folder comes to; null: it is not there. @throws Problem `path-refused` that says why it cannot be read */
export async function ifThere<T>(reading: Promise<T>): Promise<T | null> {
  return reading.catch((error: NodeJS.ErrnoException) => {
    // Nothing can be below what is no folder.
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    if (error.path === undefined) throw error;
    throw new Problem('path-refused', `${error.path} cannot be read: ${reasonOf(error)}. Check it, and who may read it.`, { cause: error });
  });
}

/** In the words of the operating system, as "permission denied". */
export function reasonOf(error: NodeJS.ErrnoException): string {
  return error.errno === undefined ? error.message : getSystemErrorMessage(error.errno);
}
