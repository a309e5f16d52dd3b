/** Reads and saves the content of files, so that two editors cannot overwrite each other without a word. */
import type { FileStat } from '@bine/shared';
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import { toProblem } from '../connection/problem.ts';
import type { Versions } from './saving.ts';
import { contentPath } from './transfer.ts';
import { type Place, uriPath } from './uri.ts';

export type ContentDeps = { connection: Connection; versions: Versions };

export async function readContent({ connection, versions }: ContentDeps, place: Place): Promise<Uint8Array> {
  const answer = await connection.fetch(contentPath(place));
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const etag = answer.headers.get('etag');
  if (etag) versions.read(uriPath(place), { etag: unquoted(etag), size: bytes.byteLength });
  return bytes;
}

/** `signal` gives up waiting for the gateway. */
export type WriteOptions = { create: boolean; overwrite: boolean; signal: AbortSignal };

export async function writeContent(deps: ContentDeps, place: Place, content: Uint8Array, options: WriteOptions): Promise<void> {
  const { connection, versions } = deps;
  const file = uriPath(place);
  const onlyNew = options.create && !options.overwrite;
  const { signal } = options;
  if (!options.create) await connection.client.files.stat(place, { signal });
  const expected = versions.expected(file);
  const headers: Record<string, string> = onlyNew ? { 'if-none-match': '*' } : expected ? { 'if-match': `"${expected}"` } : {};
  try {
    const body = content as Uint8Array<ArrayBuffer>;
    const answer = await connection.fetch(contentPath(place), { method: 'PUT', body, headers, signal });
    versions.written(file, (await answer.json()) as FileStat);
  } catch (error) {
    if (toProblem(error).code !== 'changed') throw error;
    if (onlyNew) throw vscode.FileSystemError.FileExists(vscode.Uri.from({ scheme: 'bine', path: file }));
    versions.seen(file, await connection.client.files.stat(place));
    versions.warned(file);
    throw new vscode.FileSystemError(
      'somebody else changed the file since it was read. "Revert" takes that version, "Retry" overwrites it.',
    );
  }
}

function unquoted(etag: string): string {
  return etag.replace(/^(W\/)?"(.*)"$/, '$2');
}
