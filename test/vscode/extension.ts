/** The extension that the tests put into the editor. */
import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

export const extension = resolve(import.meta.dirname, '../../extension');

/** Bundles it, and its suites, from the sources as they are now. */
export async function buildExtension(): Promise<void> {
  await promisify(execFile)(process.execPath, [join(extension, 'esbuild.ts')]);
}
