/** What the explorer and the view "Projects" show of a folder: of a very large one the first entries, which is said once. */
import { listFolder } from '@bine/client/list-folder';
import type { FileStat } from '@bine/shared';
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import { type Place, uriPath } from './uri.ts';

const mostShown = 10_000;

export function createShownFolders({ client }: Pick<Connection, 'client'>): (place: Place) => Promise<FileStat[]> {
  const told = new Set<string>();
  return async (place) => {
    const { entries, whole, total } = await listFolder(client.files, place, { most: mostShown });
    const path = uriPath(place);
    if (whole) told.delete(path);
    else if (!told.has(path)) {
      told.add(path);
      const [shown, all] = [entries.length, total].map((count) => count.toLocaleString('en'));
      void vscode.window.showWarningMessage(
        `Only the first ${shown} of ${all} entries of ${path.slice(1)} are shown. Programs in the project see all of them, and so does "bine ls".`,
      );
    }
    return entries;
  };
}
