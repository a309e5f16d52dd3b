/** Files and folders of the user's machine into a project, several at once, in any size. */
import { Problem } from '@bine/shared/problems';
import * as vscode from 'vscode';
import { namesIn } from './names-in.ts';
import type { Connection } from '../connection/client.ts';
import { toProblem } from '../connection/problem.ts';
import { openLocal } from '../vs/local-files.ts';
import type { Report } from '../vs/progress.ts';
import { contentPath } from './transfer.ts';
import { type Place, baseName, join, parentOf } from './uri.ts';

/** A file to be uploaded: `path` is where it goes, below the folder that it is dropped on. */
export type Source = { path: string; open: () => Promise<Blob> };

export type Upload = { sources: Source[]; folder: Place; overwrite: boolean; signal: AbortSignal; report: Report };

const atOnce = 3;

/** Files, and folders with what is in them. */
export async function collect(uris: readonly vscode.Uri[], below = ''): Promise<Source[]> {
  const found = await Promise.all(
    uris.map(async (uri) => {
      const path = join(below, baseName(uri.path));
      const { type } = await vscode.workspace.fs.stat(uri);
      if (!(type & vscode.FileType.Directory)) return [{ path, open: () => openLocal(uri) }];
      if (type & vscode.FileType.SymbolicLink && below) return [];
      const children = await vscode.workspace.fs.readDirectory(uri);
      return collect(
        children.map(([name]) => vscode.Uri.joinPath(uri, name)),
        path,
      );
    }),
  );
  return found.flat();
}

/** Those of the sources whose first name is in the folder already. */
export async function taken(connection: Connection, folder: Place, sources: Source[]): Promise<string[]> {
  const there = await namesIn(connection, folder);
  return [...new Set(sources.map(({ path }) => path.split('/')[0]!))].filter((name) => there.has(name));
}

export async function upload(connection: Connection, { sources, folder, overwrite, signal, report }: Upload): Promise<void> {
  const blobs = await Promise.all(sources.map(({ open }) => open()));
  const total = blobs.reduce((sum, { size }) => sum + size, 0);
  let [sent, next] = [0, 0];
  const made = new Set(['']);

  async function worker(): Promise<void> {
    for (let i = next++; i < sources.length && !signal.aborted; i = next++) {
      const target = { project: folder.project, path: join(folder.path, sources[i]!.path) };
      const parent = parentOf(target.path);
      if (!made.has(parent)) await connection.client.files.mkdir({ project: folder.project, path: parent });
      made.add(parent);
      await put(connection, target, { blob: blobs[i]!, overwrite, signal, onSent });
    }
  }
  const onSent = (bytes: number) => {
    sent += bytes;
    report(sources.length === 1 ? '' : `${Math.min(next, sources.length)} of ${sources.length}`, total > 0 ? sent / total : 1);
  };

  await Promise.all(Array.from({ length: atOnce }, worker));
  if (signal.aborted) throw new Problem('cancelled', 'Cancelled.');
}

type Put = { blob: Blob; overwrite: boolean; signal: AbortSignal; onSent: (bytes: number) => void };

async function put(connection: Connection, target: Place, { blob, overwrite, signal, onSent }: Put): Promise<void> {
  const counted = blob.stream().pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        onSent(chunk.byteLength);
        controller.enqueue(chunk);
      },
    }),
  );
  try {
    await connection.fetch(contentPath(target), {
      method: 'PUT',
      signal,
      body: counted as ReadableStream<Uint8Array<ArrayBuffer>>,
      // @ts-expect-error: Node's fetch needs it for a stream; the DOM's types do not know it yet.
      duplex: 'half',
      headers: overwrite ? {} : { 'if-none-match': '*' },
    });
  } catch (error) {
    const problem = toProblem(error);
    if (problem.code === 'cancelled') throw problem;
    throw new Problem(problem.code, `"${target.path}": ${problem.message}`, { cause: error });
  }
}
