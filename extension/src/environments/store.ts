/** The environments of projects: at once as last known, then as the gateway says, then kept up by events. */
import type { Environment } from '@bine/shared';
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import { toProblem } from '../connection/problem.ts';
import { isOpenHere } from '../projects/open-project.ts';
import { fewAtOnce } from '../vs/few-at-once.ts';

export type Renaming = { project: string; from: string; to: string };

export type Environments = vscode.Disposable & {
  /** Those of a project as last known, the bundled ones last; null: not known yet. */
  of(project: string): readonly Environment[] | null;
  find(project: string, name: string): Environment | undefined;
  readonly onDidChange: vscode.Event<void>;
  readonly onDidRename: vscode.Event<Renaming>;
  /** Those known, or asked for. @throws Problem */
  list(project: string): Promise<readonly Environment[]>;
  /** Asks again for all that were ever asked for. */
  refresh(): Promise<void>;
  /** Resolves when some of a project are known, if only from the last time, or with the signal. @throws Problem */
  need(project: string, signal: AbortSignal): Promise<void>;
};

type ByProject = Record<string, readonly Environment[]>;

const kept = 'bine.environments.byProject';
/** Many changes at once are shown once, in milliseconds. */
const gather = 50;

/** Projects that are asked for at the same time: with hundreds of them the one that is open is not to wait for the others. */
const atOnce = 3;

export function createEnvironments(connection: Connection, memory: vscode.Memento): Environments {
  const changed = new vscode.EventEmitter<void>();
  const renamed = new vscode.EventEmitter<Renaming>();
  const byProject = new Map<string, readonly Environment[]>();
  const needed = new Set<string>();
  const asking = new Map<string, Promise<readonly Environment[]>>();
  /** From the last time, until the gateway has answered: what was selected then is found again at once. */
  const remembered = new Map(Object.entries(memory.get<ByProject>(kept, {})));
  let telling: ReturnType<typeof setTimeout> | undefined;

  const inTurn = fewAtOnce<string>(atOnce, isOpenHere);

  const of = (project: string) => byProject.get(project) ?? remembered.get(project) ?? null;

  function tell(): void {
    telling ??= setTimeout(() => {
      telling = undefined;
      changed.fire();
      void memory.update(kept, Object.fromEntries([...remembered, ...byProject]));
    }, gather);
  }

  async function ask(project: string): Promise<readonly Environment[]> {
    const list = await inTurn(project, () => connection.client.environments.list({ project }));
    byProject.set(project, list);
    tell();
    return list;
  }

  function refreshOne(project: string): Promise<readonly Environment[]> {
    needed.add(project);
    const answer = asking.get(project) ?? ask(project).finally(() => asking.delete(project));
    asking.set(project, answer);
    return answer;
  }
  // A failure is told by the connection's own state; whoever waits for the answer gets it too.
  const behind = (project: string) => void refreshOne(project).catch(() => undefined);

  function drop(project: string): void {
    for (const known of [byProject, remembered, needed]) known.delete(project);
    tell();
  }

  function forget(): void {
    for (const known of [byProject, remembered, needed]) known.clear();
    tell();
  }

  /** An environment of no project is in the list of every one. */
  function edit(project: string | null, change: (list: readonly Environment[]) => readonly Environment[]): void {
    for (const [name, list] of byProject) if (project === null || name === project) byProject.set(name, change(list));
    tell();
  }

  const { events } = connection;
  const disposables = vscode.Disposable.from(
    changed,
    renamed,
    events.onDidReset(() => needed.forEach(behind)),
    events.on('environment.changed', ({ project, data }) => edit(project, (list) => put(list, data))),
    events.on('environment.removed', ({ project, data }) => {
      if (project === null) return;
      edit(project, (list) =>
        data.renamed === null
          ? list.filter(({ name }) => name !== data.name)
          : list.map((one) => (one.name === data.name ? { ...one, name: data.renamed!, title: data.renamed! } : one)),
      );
      if (data.renamed !== null) renamed.fire({ project, from: data.name, to: data.renamed });
    }),
    events.on('project.deleted', ({ project }) => drop(project)),
    connection.onDidRestart(forget),
    connection.onDidChangeState((state) => state === 'signed-out' && forget()),
  );
  return {
    of,
    find: (project, wanted) => of(project)?.find(({ name }) => name === wanted),
    onDidChange: changed.event,
    onDidRename: renamed.event,
    list: async (project) => byProject.get(project) ?? refreshOne(project),
    refresh: async () => void (await Promise.all([...needed].map(refreshOne))),
    async need(project, signal) {
      needed.add(project);
      if (remembered.has(project)) {
        behind(project);
        return;
      }
      while (!byProject.has(project) && !signal.aborted) {
        await connection.connected(signal);
        try {
          if (!signal.aborted) await refreshOne(project);
        } catch (error) {
          // The project is gone, or somebody else's: there is nothing to wait for.
          if (connection.state === 'connected') throw toProblem(error);
        }
      }
    },
    dispose() {
      clearTimeout(telling);
      disposables.dispose();
    },
  };
}

/** In its place, or new: after the other clones, before the bundled ones. */
function put(list: readonly Environment[], one: Environment): readonly Environment[] {
  if (list.some(({ name }) => name === one.name)) return list.map((each) => (each.name === one.name ? one : each));
  return [...list.filter(({ bundled }) => !bundled), one, ...list.filter(({ bundled }) => bundled)];
}
