/** The environments of the projects whose notebooks are open: at once as last known, then as the gateway says. */
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import { toProblem } from '../connection/problem.ts';
import type { KnownEnvironment } from './controllers.ts';

export type Environments = vscode.Disposable & {
  /** Of all projects asked for, each name once. */
  readonly all: readonly KnownEnvironment[];
  readonly onDidChange: vscode.Event<void>;
  /** Asks for those of a project. Resolves when some are known, if only from the last time, or with the signal. */
  need(project: string, signal: AbortSignal): Promise<void>;
};

const kept = 'bine.environments';

export function createEnvironments(connection: Connection, memory: vscode.Memento): Environments {
  const changed = new vscode.EventEmitter<void>();
  const byProject = new Map<string, readonly KnownEnvironment[]>();
  const needed = new Set<string>();
  const asking = new Map<string, Promise<void>>();
  /** From the last time, until the gateway has answered: what was selected then is found again at once. */
  let remembered = memory.get<KnownEnvironment[]>(kept, []);

  function all(): readonly KnownEnvironment[] {
    const byName = new Map(remembered.map((environment) => [environment.name, environment]));
    for (const environment of [...byProject.values()].flat()) byName.set(environment.name, environment);
    return [...byName.values()];
  }

  async function ask(project: string): Promise<void> {
    const list = await connection.client.environments.list({ project });
    byProject.set(
      project,
      list.map(({ name, title, description, state }) => ({ name, title, description, state })),
    );
    remembered = [];
    changed.fire();
    await memory.update(kept, all());
  }

  function refresh(project: string): Promise<void> {
    const answer = asking.get(project) ?? ask(project).finally(() => asking.delete(project));
    asking.set(project, answer);
    return answer;
  }

  const disposables = vscode.Disposable.from(
    changed,
    // A failure is told by the connection's own state.
    connection.events.onDidReset(() => [...needed].forEach((project) => void refresh(project).catch(() => undefined))),
    connection.events.on('environment.changed', ({ data: { name, title, description, state } }) => {
      for (const [project, list] of byProject) {
        byProject.set(
          project,
          list.map((known) => (known.name === name ? { name, title, description, state } : known)),
        );
      }
      changed.fire();
    }),
  );
  return {
    get all() {
      return all();
    },
    onDidChange: changed.event,
    async need(project, signal) {
      needed.add(project);
      if (remembered.length > 0) {
        void refresh(project).catch(() => undefined);
        return;
      }
      while (!byProject.has(project) && !signal.aborted) {
        await connection.connected(signal);
        try {
          if (!signal.aborted) await refresh(project);
        } catch (error) {
          // The project is gone, or somebody else's: there is nothing to wait for.
          if (connection.state === 'connected') throw toProblem(error);
        }
      }
    },
    dispose: () => disposables.dispose(),
  };
}
