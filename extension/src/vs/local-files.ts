/**
 * The user's own files, in any size. Files of the machine that the extension runs on are streamed; others, which VS Code
 * alone can reach, pass through memory. The only importer of `node:fs`: a web extension has the second way only.
 */
import { createWriteStream, openAsBlob } from 'node:fs';
import { localFolder } from '@bine/client/node/local-folder';
import type { Found } from '@bine/client/node/snapshot';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as vscode from 'vscode';

export async function openLocal(uri: vscode.Uri): Promise<Blob> {
  if (uri.scheme === 'file') return openAsBlob(uri.fsPath);
  return new Blob([(await vscode.workspace.fs.readFile(uri)) as Uint8Array<ArrayBuffer>]);
}

/** What is in a folder: links to files as those files; where VS Code alone reaches it, links to folders are not followed. */
export async function listLocal(uri: vscode.Uri): Promise<Found[]> {
  if (uri.scheme === 'file') return localFolder(uri.fsPath).list('');
  const { File, Directory, SymbolicLink } = vscode.FileType;
  const found: Found[] = [];
  for (const [name, type] of await vscode.workspace.fs.readDirectory(uri)) {
    // VS Code knows no modes.
    if (type === Directory) found.push({ name, type: 'directory', mode: 0o755, size: 0 });
    // oxlint-disable typescript/no-unsafe-enum-comparison -- VS Code's FileType is a bit mask for links
    if (type === Directory) continue;
    if (type !== File && type !== (File | SymbolicLink)) {
      const problem = type === (Directory | SymbolicLink) ? 'links to folders, which cannot be followed there' : 'no files and no folders';
      found.push({ name, type: 'other', mode: 0, size: 0, problem });
      continue;
    }
    // oxlint-enable typescript/no-unsafe-enum-comparison
    const { size } = await vscode.workspace.fs.stat(vscode.Uri.joinPath(uri, name));
    found.push({ name, type: 'file', mode: 0o644, size });
  }
  return found;
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

/** So that a dialog opens on the user's own machine and not in the project that may be open. */
export function inHome(name: string): vscode.Uri {
  const home = typeof process === 'undefined' ? '' : (process.env['HOME'] ?? process.env['USERPROFILE'] ?? '');
  return vscode.Uri.joinPath(vscode.Uri.file(home), name);
}
