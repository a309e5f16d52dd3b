/** Files and folders of projects onto the user's machine, in any size. */
import { listFolder } from '@bine/client/list-folder';
import type { FileStat } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import { saveLocal } from '../vs/local-files.ts';
import type { Report } from '../vs/progress.ts';
import { contentPath, isCopied } from './transfer.ts';
import { type Place, baseName } from './uri.ts';

type Item = { place: Place; size: number; target: vscode.Uri };

export type Download = { connection: Connection; signal: AbortSignal; report: Report };

/** Saves each place at its target, folders with what is in them. */
export async function download(places: { place: Place; target: vscode.Uri }[], run: Download): Promise<void> {
  const items: Item[] = [];
  for (const { place, target } of places) items.push(...(await collect(run.connection, place, target)));
  const total = items.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  for (const [i, item] of items.entries()) {
    await save(item, run, (bytes) => {
      done += bytes;
      run.report(items.length === 1 ? '' : `${i + 1} of ${items.length}`, total > 0 ? Math.min(1, done / total) : 1);
    });
  }
}

async function collect(connection: Connection, place: Place, target: vscode.Uri): Promise<Item[]> {
  const { files } = connection.client;
  const stat: Pick<FileStat, 'type' | 'size'> = place.path ? await files.stat(place) : { type: 'directory', size: 0 };
  if (stat.type !== 'directory') return [{ place, size: stat.size, target }];
  await vscode.workspace.fs.createDirectory(target);
  const children = (await listFolder(files, place)).entries.filter(isCopied);
  const nested = children.map((child) =>
    collect(connection, { project: place.project, path: child.path }, vscode.Uri.joinPath(target, baseName(child.path))),
  );
  return (await Promise.all(nested)).flat();
}

async function save({ place, target }: Item, { connection, signal }: Download, onBytes: (count: number) => void): Promise<void> {
  const { body } = await connection.fetch(contentPath(place), { signal });
  if (!body) throw new Problem('internal', `The gateway sent no content of "${place.path}".`);
  const counted = body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        onBytes(chunk.byteLength);
        controller.enqueue(chunk);
      },
    }),
  );
  await saveLocal(target, counted, signal);
}
