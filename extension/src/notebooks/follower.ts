/** Reads the log of one kernel for one notebook: first what the file does not have, then whatever comes. */
import type { Execution, Kernel } from '@bine/shared';
import type { KernelMessage, KernelRecord } from '@bine/shared/kernel-wire';
import type { Problem } from '@bine/shared/problems';
import { type KernelLink, type KernelLinkOptions, openKernelLink } from './kernel-link.ts';
import { isUnsaved, planRebuild, planWideRebuild } from '@bine/client/notebooks/rebuild';
import type { Run } from '@bine/client/notebooks/run';
import { type Runs, createRuns } from '@bine/client/notebooks/runs';

export type FollowerOptions = {
  connection: KernelLinkOptions['connection'];
  kernel: Pick<Kernel, 'project' | 'id' | 'head'>;
  /** As of after `kernel`. */
  executions: readonly Execution[];
  /** Ids of the notebook's cells. */
  cells: ReadonlySet<string>;
  /** When the file was written, milliseconds since 1970. */
  saved: number;
  isLive: KernelLinkOptions['isLive'];
  /** Told when history has been read: what the file may not have, and what it has. Again if that turns out to be too little. */
  onRestored: (missing: Run[], saved: Run[]) => void;
  /** `away`: how long there was no connection when this happened, in milliseconds. */
  onChange: (runs: Run[], away: number) => void;
  /** What waits to be shown is much; resolves when it is shown. */
  relief: () => Promise<void>;
  onRefused: (request: string, problem: Problem) => void;
  /** The kernel and its log are gone. */
  onGone: (problem: Problem) => void;
  /** A message that is nobody's output: a reply to a question of ours. */
  onReply: (record: KernelRecord) => void;
};

export type Follower = {
  readonly kernel: string;
  readonly runs: Runs;
  readonly unconfirmed: KernelLink['unconfirmed'];
  /** The kernel was gone, or out of reach: nothing comes any more. */
  readonly gone: boolean;
  send(message: KernelMessage): void;
  withdraw(requests: readonly string[]): void;
  sendNow(message: KernelMessage): boolean;
  wake(): void;
  dispose(): void;
};

/** Characters of output that may wait to be shown. */
const much = 4 << 20;

export function createFollower(options: FollowerOptions): Follower {
  const { kernel, executions, saved } = options;
  const known = new Set(executions.map(({ id }) => id));
  const narrow = planRebuild(executions, options);
  let wide = false;
  let runs = createRuns();
  let link = read(narrow?.since ?? kernel.head);

  function read(since: number): KernelLink {
    let history: number | null = Number.POSITIVE_INFINITY;
    let [away, until, unseen] = [0, 0, 0];
    runs.know(executions);

    function restored(seen: number): void {
      history = null;
      runs.settle(seen);
      runs.takeChanged();
      const all = [...runs.latest.values()];
      const isMissing = (run: Run) => !known.has(run.id) || narrow?.shown.has(run.id) || (wide && isUnsaved(run.touched, saved));
      options.onRestored(
        all.filter(isMissing),
        all.filter((run) => !isMissing(run)),
      );
    }

    return openKernelLink({
      ...options,
      project: kernel.project,
      kernel: kernel.id,
      since,
      onAttached({ head }, gone) {
        [away, until] = [gone, head];
        if (history === null) return;
        history = head;
        if (head <= since) restored(since);
      },
      async onRecord(record) {
        runs.read(record);
        if (history !== null && record.seq >= history) restored(record.seq);
        if (history !== null) return;
        if (runs.missedDisplay && !wide) return readAll();
        options.onChange(runs.takeChanged(), record.seq <= until ? away : 0);
        options.onReply(record);
        unseen += sizeOf(record);
        if (unseen < much) return;
        await options.relief();
        unseen = 0;
      },
    });
  }

  /** A display was updated that is further back than what was read. */
  function readAll(): void {
    wide = true;
    const plan = planWideRebuild(executions, options);
    if (!plan) return;
    const { unconfirmed } = link;
    link.dispose();
    runs = createRuns();
    link = read(plan.since);
    for (const message of unconfirmed) link.send(message);
  }

  return {
    kernel: kernel.id,
    get runs() {
      return runs;
    },
    get unconfirmed() {
      return link.unconfirmed;
    },
    get gone() {
      return link.gone;
    },
    send: (message) => link.send(message),
    withdraw: (requests) => link.withdraw(requests),
    sendNow: (message) => link.sendNow(message),
    wake: () => link.wake(),
    dispose: () => link.dispose(),
  };
}

function sizeOf({ content }: KernelRecord): number {
  const { text, data } = content;
  if (typeof text === 'string') return text.length;
  let size = 0;
  if (data && typeof data === 'object') for (const value of Object.values(data)) if (typeof value === 'string') size += value.length;
  return size;
}
