/** Which kernel a notebook has, in whatever window it was started, and what it says. */
import type { Kernel } from '@bine/shared';
import type { KernelMessage, KernelRecord } from '@bine/shared/kernel-wire';
import { Problem } from '@bine/shared/problems';
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import { toProblem } from '../connection/problem.ts';
import type { Place } from '../files/uri.ts';
import { type Kernels, isRunning } from '../kernels/store.ts';
import type { CellScreen } from './cell-screen.ts';
import { cellIds } from './cells.ts';
import { type Follower, createFollower } from './follower.ts';
import { isUnsaved } from '@bine/client/notebooks/rebuild';
import type { Run } from '@bine/client/notebooks/run';

export type FollowingOptions = {
  connection: Connection;
  kernels: Kernels;
  notebook: vscode.NotebookDocument;
  place: Place;
  screen: CellScreen;
  log: vscode.LogOutputChannel;
  onChange: () => void;
  /** These ran while nobody looked. */
  onNews: (runs: Run[]) => void;
  onRefused: (request: string, problem: Problem) => void;
  onReply: (record: KernelRecord) => void;
};

export type Following = vscode.Disposable & {
  /** Of this notebook, newest first, but one that runs before all others. */
  kernels(): Kernel[];
  /** Its kernel is this one now, as the gateway just said. Resolves when it can be spoken to. */
  attach(kernel: Kernel): Promise<Follower>;
  /** This is how the kernel is now, as the gateway just said. */
  note(this: void, kernel: Kernel): void;
  /** These requests are not sent any more where they wait for it. */
  withdraw(requests: readonly string[]): void;
  readonly current: Follower | null;
};

/** So long without a connection, in milliseconds, and what ran meanwhile is news. */
const absence = 60_000;

export function createFollowing(options: FollowingOptions): Following {
  const { connection, kernels, place, log, onChange } = options;
  /** Newer than what the store knows. */
  let told: Kernel | null = null;
  let follower: Follower | null = null;
  let wanted: string | null = null;
  let turn: Promise<unknown> = Promise.resolve();
  let disposed = false;
  /** What a kernel did not take before another one replaced it: the next one gets it. */
  let untaken: readonly KernelMessage[] = [];

  function ofNotebook(): Kernel[] {
    const isOfNotebook = ({ project, notebook, id }: Kernel) => project === place.project && notebook === place.path && id !== told?.id;
    const all = [...(told ? [told] : []), ...(kernels.all ?? []).filter(isOfNotebook)];
    return all.sort((a, b) => Number(isRunning(b)) - Number(isRunning(a)) || b.started.localeCompare(a.started));
  }

  function attach(kernel: Kernel): Promise<Follower> {
    if (wanted === kernel.id && follower?.kernel === kernel.id && !follower.gone) return Promise.resolve(follower);
    wanted = kernel.id;
    const attached = turn.then(async () => {
      if (follower?.kernel === kernel.id && !follower.gone) return follower;
      const isFirst = follower === null;
      if (follower) untaken = [...untaken, ...letGo(options, follower, await begunOf(options, follower))];
      follower = null;
      const older = isFirst ? ofNotebook().filter(({ id }) => id !== kernel.id) : [];
      const isLive = () => isRunning(ofNotebook().find(({ id }) => id === kernel.id) ?? kernel);
      const opened = await openFollower(options, { kernel, older, isLive });
      if (disposed) opened.dispose();
      follower = opened;
      for (const message of untaken) opened.send(message);
      untaken = [];
      onChange();
      return opened;
    });
    turn = attached.catch(() => (wanted = null));
    return attached;
  }

  function note(kernel: Kernel): void {
    told = kernel;
    onChange();
    follower?.wake();
  }

  function look(): void {
    const [kernel] = ofNotebook();
    onChange();
    if (!kernel || connection.state !== 'connected') return;
    if (follower?.kernel === kernel.id && isRunning(kernel)) follower.wake();
    if (wanted === kernel.id) return;
    attach(kernel).catch((error: unknown) => log.warn(`${place.path}: ${toProblem(error).message}`));
  }

  const subscriptions = vscode.Disposable.from(
    kernels.onDidChange(look),
    connection.onDidChangeState(look),
    connection.events.onDidReset(() => (told = null)),
    connection.events.on('kernel.changed', ({ data }) => {
      if (data.id === told?.id) told = null;
    }),
  );
  look();
  return {
    kernels: ofNotebook,
    attach(kernel) {
      note(kernel);
      return attach(kernel);
    },
    note,
    withdraw(requests) {
      untaken = untaken.filter(({ header }) => !requests.includes(header.msg_id));
      follower?.withdraw(requests);
    },
    get current() {
      return follower;
    },
    dispose() {
      disposed = true;
      subscriptions.dispose();
      follower?.dispose();
    },
  };
}

/** Which executions its kernel has begun. */
async function begunOf({ connection: { client }, place: { project } }: FollowingOptions, follower: Follower): Promise<Set<string>> {
  if (follower.unconfirmed.length === 0) return new Set();
  try {
    const executions = await client.kernels.executions({ project, kernel: follower.kernel });
    return new Set(executions.filter(({ started }) => started !== null).map(({ id }) => id));
  } catch (error) {
    if (toProblem(error).code === 'not-found') return new Set();
    throw error;
  }
}

/**
 * Another kernel has taken its place: what had not ended there has now.
 * @returns the requests that it has neither run nor refused; nothing is run twice
 */
function letGo({ screen, onRefused }: FollowingOptions, follower: Follower, begun: ReadonlySet<string>): KernelMessage[] {
  const { unconfirmed } = follower;
  follower.dispose();
  follower.runs.abandon();
  screen.show(follower.runs.takeChanged());
  const requests = unconfirmed.filter(({ header }) => header.msg_type === 'execute_request');
  for (const { header } of requests) if (begun.has(header.msg_id)) onRefused(header.msg_id, replaced());
  return requests.filter(({ header }) => !begun.has(header.msg_id));
}

const replaced = () => new Problem('conflict', 'The kernel was replaced by another one while it ran the cell. Run it again.');

type Opening = { kernel: Kernel; older: Kernel[]; isLive: () => boolean };

async function openFollower(options: FollowingOptions, { kernel, older, isLive }: Opening): Promise<Follower> {
  const { client } = options.connection;
  const saved = await savedAt(options);
  const cells = cellIds(options.notebook);
  const { latest, executions } = await historyOf(client, kernel);
  for (const { cell } of executions) if (cell !== null) cells.delete(cell);
  for (const old of older.filter(({ lastActivity }) => isUnsaved(Date.parse(lastActivity), saved)))
    await readOld(options, { old, cells, saved });
  return follow(options, { kernel: latest, executions, cells: cellIds(options.notebook), saved, isLive });
}

/** When the file was written; what is not a file yet has nothing. */
async function savedAt({ connection: { client }, place }: FollowingOptions): Promise<number> {
  try {
    return Date.parse((await client.files.stat(place)).modified);
  } catch (error) {
    if (toProblem(error).code === 'not-found') return 0;
    throw error;
  }
}

/** The head first: what is said between the two questions is then read and not missed. */
async function historyOf(client: Connection['client'], kernel: Kernel) {
  const at = { project: kernel.project, kernel: kernel.id };
  const latest = await client.kernels.get(at);
  return { latest, executions: latest.head === 0 ? [] : await client.kernels.executions(at) };
}

/** Shows what an earlier kernel of the notebook said in cells that no later one has run. */
async function readOld(
  options: FollowingOptions,
  { old, cells, saved }: { old: Kernel; cells: Set<string>; saved: number },
): Promise<void> {
  const { latest, executions } = await historyOf(options.connection.client, old);
  await new Promise<void>((resolve) => {
    const follower = follow(options, { kernel: latest, executions, cells: new Set(cells), saved, isLive: () => false, done });
    function done(): void {
      follower.dispose();
      resolve();
    }
  });
  for (const { cell } of executions) if (cell !== null) cells.delete(cell);
}

type Reading = {
  kernel: Kernel;
  executions: Parameters<typeof createFollower>[0]['executions'];
  cells: ReadonlySet<string>;
  saved: number;
  isLive: () => boolean;
  /** Told when its history is shown, or gone. */
  done?: () => void;
};

function follow(options: FollowingOptions, { done, ...reading }: Reading): Follower {
  const { screen, onChange, onNews } = options;
  const ended = (runs: Run[]) => runs.filter((run) => run.state === 'ended' && run.started !== null);
  const follower = createFollower({
    ...reading,
    connection: options.connection,
    onRestored(missing, saved) {
      screen.assume(saved);
      onNews(ended(screen.restore(missing)));
      onChange();
      done?.();
    },
    onChange(runs, away) {
      screen.show(runs);
      if (away > absence) onNews(ended(runs));
      onChange();
    },
    relief: () => screen.shown(),
    onRefused: options.onRefused,
    onGone() {
      follower.runs.abandon();
      screen.show(follower.runs.takeChanged());
      onChange();
      done?.();
    },
    onReply: options.onReply,
  });
  return follower;
}
