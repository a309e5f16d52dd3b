/** The kernels of the user's projects, kept up by events. */
import type { Kernel } from '@bine/shared';
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import { toProblem } from '../connection/problem.ts';
import type { Projects } from '../projects/store.ts';
import { createIndex } from '../vs/index-of.ts';

export type Kernels = vscode.Disposable & {
  /** Newest first; null: not known yet. */
  readonly all: readonly Kernel[] | null;
  /** Those that ran the last time, to be shown until the gateway has answered. */
  readonly remembered: readonly Kernel[];
  readonly onDidChange: vscode.Event<void>;
  refresh(this: void): Promise<void>;
};

/** Many changes at once are shown once, in milliseconds. */
const gather = 100;
const kept = 'bine.kernels';
type Kept = { address: string | null; kernels: Kernel[] };

export function createKernels(connection: Connection, projects: Projects, memory: vscode.Memento): Kernels {
  const changed = new vscode.EventEmitter<void>();
  const known = createIndex<Kernel>();
  let loaded = false;
  let telling: ReturnType<typeof setTimeout> | undefined;
  let { address, kernels: remembered } = memory.get<Kept>(kept, { address: null, kernels: [] });
  let written = '';

  const tell = () => {
    telling ??= setTimeout(() => {
      telling = undefined;
      changed.fire();
      remember();
    }, gather);
  };

  /** Which run, and not how much memory they use: that changes all the time. */
  function remember(): void {
    const running = [...known.values()].filter(isRunning);
    const now = JSON.stringify([connection.address, running.map(({ id, state }) => [id, state])]);
    if (!loaded || now === written) return;
    written = now;
    void memory.update(kept, { address: connection.address, kernels: running } satisfies Kept);
  }

  async function refresh(): Promise<void> {
    const names = (await projects.refresh()).map(({ name }) => name);
    const lists = Promise.all(names.map(listOf));
    await known.refill(lists.then((all) => all.flat().map((kernel) => [kernel.id, kernel])));
    loaded = true;
    tell();
  }

  /** A project that went away between the two questions has no kernels any more. */
  function listOf(project: string): Promise<Kernel[]> {
    return connection.client.kernels.list({ project, ended: true }).catch((error: unknown) => {
      if (toProblem(error).code === 'not-found') return [];
      throw error;
    });
  }

  function drop(belongs: (kernel: Kernel) => boolean): void {
    for (const kernel of known.values()) if (belongs(kernel)) known.delete(kernel.id);
    tell();
  }
  // A failure is told by the connection's own state; whoever asks for it gets it too.
  const behind = () => void refresh().catch(() => undefined);

  const disposables = vscode.Disposable.from(
    changed,
    connection.events.onDidReset(behind),
    connection.events.on('kernel.changed', ({ data }) => {
      known.set(data.id, data);
      tell();
    }),
    connection.events.on('project.deleted', ({ project }) => drop((kernel) => kernel.project === project)),
    connection.events.on('project.restored', behind),
    connection.events.on('member.set', behind),
    connection.onDidRestart(() => {
      [address, remembered, loaded] = [null, [], false];
      drop(() => true);
    }),
    connection.onDidChangeState((state) => {
      if (state === 'signed-out') drop(() => true);
      else if (!loaded) tell();
    }),
  );
  return {
    get all() {
      return loaded ? [...known.values()].sort((a, b) => b.started.localeCompare(a.started)) : null;
    },
    get remembered() {
      return address === connection.address && connection.state !== 'signed-out' ? remembered : [];
    },
    onDidChange: changed.event,
    refresh,
    dispose: () => disposables.dispose(),
  };
}

export function isRunning({ state }: Pick<Kernel, 'state'>): boolean {
  return state !== 'dead' && state !== 'stopped';
}
