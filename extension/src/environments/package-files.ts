/** Files that say what to install: of the project, or of the user's machine. */
import { listFolder } from '@bine/client/list-folder';
import type { FileStat } from '@bine/shared';
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import { toProblem } from '../connection/problem.ts';
import { contentPath } from '../files/transfer.ts';
import { collect, upload } from '../files/upload.ts';
import { type Place, baseName, parentOf } from '../files/uri.ts';
import { type Choice, cancelled, pick } from '../vs/ask.ts';
import { openLocal } from '../vs/local-files.ts';
import { withProgress } from '../vs/progress.ts';

type Chosen = { there: Place } | { here: vscode.Uri };

/** Where wheels go that are brought along. */
const wheelFolder = 'wheels';

/** The text of a requirements file. @throws Problem */
export async function chooseRequirements(connection: Connection, project: string): Promise<{ name: string; text: string }> {
  const chosen = await choose(connection, project, {
    title: 'Install from requirements.txt',
    fits: /(^|\/)[^/]*require[^/]*\.(txt|in)$/i,
    extensions: ['txt', 'in'],
  });
  if ('here' in chosen) return { name: baseName(chosen.here.path), text: await (await openLocal(chosen.here)).text() };
  return { name: baseName(chosen.there.path), text: await (await connection.fetch(contentPath(chosen.there))).text() };
}

/** The path of a wheel in the project; one of this machine is brought there. @throws Problem */
export async function chooseWheel(connection: Connection, project: string): Promise<string> {
  const chosen = await choose(connection, project, { title: 'Install from a Wheel', fits: /\.whl$/i, extensions: ['whl'] });
  if ('there' in chosen) return chosen.there.path;
  const sources = await collect([chosen.here]);
  const folder = { project, path: wheelFolder };
  await withProgress(`Uploading ${sources[0]!.path}`, (signal, report) =>
    upload(connection, { sources, folder, overwrite: true, signal, report }),
  );
  return `${wheelFolder}/${sources[0]!.path}`;
}

type Wanted = { title: string; fits: RegExp; extensions: string[] };

async function choose(connection: Connection, project: string, { title, fits, extensions }: Wanted): Promise<Chosen> {
  const found = (await listNear(connection, project)).filter(({ type, path }) => type === 'file' && fits.test(path));
  const choices = found.map(({ path }): Choice<Place | null> => ({
    label: `$(file) ${baseName(path)}`,
    description: parentOf(path),
    value: { project, path },
  }));
  const elsewhere: Choice<Place | null> = { label: '$(folder-opened) Choose a File of This Machine…', value: null };
  const there =
    choices.length === 0 ? null : await pick<Place | null>([...choices, elsewhere], { title, placeHolder: `Which file of ${project}?` });
  if (there) return { there };
  const [here] = (await vscode.window.showOpenDialog({ title, openLabel: 'Install', filters: { [title]: extensions } })) ?? [];
  if (!here) throw cancelled();
  return { here };
}

/** What lies where people put such files. */
async function listNear({ client }: Connection, project: string): Promise<FileStat[]> {
  const lists = await Promise.all(
    ['', 'dist', wheelFolder].map((path) =>
      listFolder(client.files, { project, path }).catch((error: unknown) => {
        if (toProblem(error).code === 'not-found') return { entries: [] };
        throw error;
      }),
    ),
  );
  return lists.flatMap(({ entries }) => entries);
}
