/** One open notebook and its kernel: what the kernel said while nobody looked is shown, and what is run goes there. */
import type { Kernel, SecretUse } from '@bine/shared';
import type { KernelRecord } from '@bine/shared/kernel-wire';
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import type { Place } from '../files/uri.ts';
import type { Kernels } from '../kernels/store.ts';
import { tell } from '../vs/commands.ts';
import { createCellScreen } from './cell-screen.ts';
import { notebookMetadata } from './cells.ts';
import type { Controllers } from './controllers.ts';
import { chooseEnvironment } from './environment-choice.ts';
import { type Following, createFollowing } from './following.ts';
import type { Run } from '@bine/client/notebooks/run';
import type { KernelLimits } from './kernel-limits.ts';
import { type Running, createRunning } from './running.ts';

export type SessionDeps = {
  connection: Connection;
  kernels: Kernels;
  controllers: Controllers;
  /** Resolves when there is a controller for each environment of the project. */
  ready: (project: string, signal: AbortSignal) => Promise<void>;
  log: vscode.LogOutputChannel;
  secretsOf: (project: string) => SecretUse[];
  limits: KernelLimits;
  /** The environment that a notebook of the project was last run in. */
  lastOf: (project: string) => string | null;
  onRun: (project: string, environment: string) => void;
};

export type Session = vscode.Disposable &
  Running & {
    readonly notebook: vscode.NotebookDocument;
    readonly place: Place;
    /** The latest; null: it has none, or none is known yet. */
    readonly kernel: Kernel | null;
    /** The latest of each cell. */
    readonly runs: ReadonlyMap<string, Run>;
    /** The kernel or its runs changed. */
    readonly onDidChange: vscode.Event<void>;
    /** These ran while nobody looked. */
    readonly onDidCatchUp: vscode.Event<Run[]>;
  };

/** Milliseconds after which VS Code has said what is selected for a notebook, if anything is. */
const binding = 1000;

export function createSession(deps: SessionDeps, notebook: vscode.NotebookDocument, place: Place): Session {
  const { controllers, log } = deps;
  const ending = new AbortController();
  const changed = new vscode.EventEmitter<void>();
  const caughtUp = new vscode.EventEmitter<Run[]>();
  const replies = new vscode.EventEmitter<KernelRecord>();
  const screen = createCellScreen({ notebook, controller: () => controllers.of(notebook)?.controller ?? null, log });
  const following = createFollowing({
    ...deps,
    notebook,
    place,
    screen,
    onChange: () => changed.fire(),
    onNews: (runs) => caughtUp.fire(runs),
    onRefused(request, problem) {
      screen.giveUp(request);
      tell('Run', problem, log);
    },
    onReply: (record) => replies.fire(record),
  });
  const titleOf = (name: string) => controllers.environments.find((environment) => environment.name === name)?.title ?? name;
  const running = createRunning({ ...deps, notebook, place, screen, following, titleOf, onReply: replies.event });

  preselect({ ...deps, notebook, place, following, signal: ending.signal }).catch((error: unknown) => log.error(place.path, error));
  const disposables = vscode.Disposable.from(
    following,
    screen,
    controllers.onDidSelect((selected) => selected === notebook && screen.resume()),
    changed,
    caughtUp,
    replies,
  );
  return {
    notebook,
    place,
    get kernel() {
      return following.kernels()[0] ?? null;
    },
    get runs() {
      return following.current?.runs.latest ?? new Map<string, Run>();
    },
    ...running,
    onDidChange: changed.event,
    onDidCatchUp: caughtUp.event,
    dispose() {
      ending.abort();
      disposables.dispose();
    },
  };
}

type Preselection = SessionDeps & { notebook: vscode.NotebookDocument; place: Place; following: Following; signal: AbortSignal };

/** VS Code remembers what was selected; only where it knows nothing, the environment is chosen for the user. */
async function preselect({ following, signal, notebook, place, ...deps }: Preselection): Promise<void> {
  const { kernels, controllers } = deps;
  const known = controllers.history(notebook);
  if (known === 'elsewhere') return;
  await deps.ready(place.project, signal);
  if (known === 'here') await new Promise((resolve) => setTimeout(resolve, binding));
  const metadata = notebookMetadata(notebook);
  const hint = () =>
    chooseEnvironment({ environments: controllers.environments, metadata, kernels: following.kernels(), last: deps.lastOf(place.project) });
  // What the notebook itself says need not wait for what its kernels say.
  if (!('bine' in metadata)) {
    while (!kernels.all && !signal.aborted) await new Promise<void>((resolve) => once(kernels.onDidChange, resolve, signal));
  }
  const environment = hint();
  if (environment !== null && !controllers.of(notebook) && !signal.aborted) await controllers.select(notebook, environment, signal);
}

function once(event: vscode.Event<void>, resolve: () => void, signal: AbortSignal): void {
  const done = () => {
    subscription.dispose();
    signal.removeEventListener('abort', done);
    resolve();
  };
  const subscription = event(done);
  signal.addEventListener('abort', done, { once: true });
}
