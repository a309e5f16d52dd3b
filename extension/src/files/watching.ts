/** What changes in projects' folders, whoever does it: one stream per project for as long as somebody watches it. */
import type { FileChange } from '@bine/shared';
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import { follow } from '../connection/follow.ts';

export type ProjectChange = { project: string; changes: FileChange[] };

export type Watching = vscode.Disposable & {
  readonly onDidChange: vscode.Event<ProjectChange>;
  watch(project: string): vscode.Disposable;
};

/** Changes that come together are told together, in milliseconds. */
const gather = 50;

export function createWatching(connection: Connection, log: vscode.LogOutputChannel): Watching {
  const changed = new vscode.EventEmitter<ProjectChange>();
  const watched = new Map<string, { watchers: number; stop: AbortController }>();

  async function run(project: string, signal: AbortSignal): Promise<void> {
    let changes: FileChange[] = [];
    const flush = () => {
      changed.fire({ project, changes });
      changes = [];
    };
    const stream = follow({
      open: ({ lastEventId, signal }) => connection.client.files.watch({ project }, { signal, ...(lastEventId && { lastEventId }) }),
      connected: connection.connected,
      signal,
    });
    for await (const change of stream) {
      if (changes.push(change) === 1) setTimeout(flush, gather);
    }
  }

  return {
    onDidChange: changed.event,
    watch(project) {
      const entry = watched.get(project) ?? { watchers: 0, stop: new AbortController() };
      watched.set(project, entry);
      if (entry.watchers++ === 0) {
        run(project, entry.stop.signal).catch((error: unknown) => log.info(`Changes in ${project} are not followed: ${String(error)}`));
      }
      return onlyOnce(() => {
        if (--entry.watchers > 0) return;
        entry.stop.abort();
        watched.delete(project);
      });
    },
    dispose() {
      for (const { stop } of watched.values()) stop.abort();
      changed.dispose();
    },
  };
}

function onlyOnce(end: () => void): vscode.Disposable {
  let over = false;
  return new vscode.Disposable(() => {
    if (!over) end();
    over = true;
  });
}
