/** The projects of the user as last known: at once from the last time, then from the gateway, then kept up by events. */
import type { Project } from '@bine/shared';
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';

export type Projects = vscode.Disposable & {
  /** null: not known yet. */
  readonly all: readonly Project[] | null;
  readonly onDidChange: vscode.Event<void>;
  /** Those known, or asked for. */
  list(): Promise<readonly Project[]>;
  /** null: there is no such project, or the user is not in it. */
  find(name: string): Promise<Project | null>;
  refresh(): Promise<readonly Project[]>;
};

const kept = 'bine.projects';

export function createProjects(connection: Connection, memory: vscode.Memento): Projects {
  const changed = new vscode.EventEmitter<void>();
  let all: readonly Project[] | null = null;
  // Of which gateway the remembered ones are: shown until it answers, never for another one.
  let remembered = memory.get<{ address: string; projects: Project[] }>(kept);
  let asking: Promise<readonly Project[]> | null = null;
  /** What was asked before the latest change may be out of date when the answer comes. */
  let stale = false;

  function set(projects: readonly Project[] | null): void {
    all = projects;
    changed.fire();
    void memory.update(kept, projects && { address: connection.address, projects });
  }

  async function ask(): Promise<readonly Project[]> {
    for (;;) {
      stale = false;
      const projects = await connection.client.projects.list({});
      if (stale) continue;
      set(projects);
      return projects;
    }
  }

  function refresh(): Promise<readonly Project[]> {
    stale = true;
    asking ??= ask().finally(() => (asking = null));
    return asking;
  }
  // A failure is told by the connection's own state; whoever waits for the answer gets it too.
  const behind = () => void refresh().catch(() => undefined);

  const follow = () => {
    if (connection.state === 'signed-out' && all) set(null);
    if (!all && remembered && remembered.address === connection.address) {
      all = remembered.projects;
      changed.fire();
    }
  };
  follow();

  const { events } = connection;
  const types = ['project.created', 'project.changed', 'project.deleted', 'project.restored', 'member.set', 'member.removed'] as const;
  const disposables = vscode.Disposable.from(
    changed,
    connection.onDidChangeState(follow),
    connection.onDidRestart(() => {
      remembered = undefined;
      if (all) set(null);
    }),
    events.onDidReset(behind),
    ...types.map((type) => events.on(type, behind)),
  );
  return {
    get all() {
      return all;
    },
    onDidChange: changed.event,
    list: async () => all ?? refresh(),
    find: async (name) => {
      const known = all?.find((project) => project.name === name);
      return known ?? (await refresh()).find((project) => project.name === name) ?? null;
    },
    refresh,
    dispose: () => disposables.dispose(),
  };
}
