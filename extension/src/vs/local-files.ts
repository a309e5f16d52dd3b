/**
 * The user's own files, in any size. Files of the machine that the extension runs on are streamed; others, which VS Code
 * alone can reach, pass through memory. The only importer of `node:fs`: a web extension has the second way only.
 */
import { createWriteStream, openAsBlob } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as vscode from 'vscode';

export async function openLocal(uri: vscode.Uri): Promise<Blob> {
  if (uri.scheme === 'file') return openAsBlob(uri.fsPath);
  return new Blob([(await vscode.workspace.fs.readFile(uri)) as Uint8Array<ArrayBuffer>]);
}

/** Writes beside the target first, so that what is there stays whole until the new content is. */
export async function saveLocal(uri: vscode.Uri, content: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<void> {
  if (uri.scheme !== 'file') {
    const bytes = new Uint8Array(await new Response(content as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer());
    signal.throwIfAborted();
    await vscode.workspace.fs.writeFile(uri, bytes);
    return;
  }
  const partial = uri.with({ path: `${uri.path}.part` });
  try {
    await pipeline(Readable.fromWeb(content as never), createWriteStream(partial.fsPath), { signal });
    await vscode.workspace.fs.rename(partial, uri, { overwrite: true });
  } catch (error) {
    await vscode.workspace.fs.delete(partial).then(undefined, () => undefined);
    throw error;
  }
}
