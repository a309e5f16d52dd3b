/** What the user should know of executions: those started here that ended, and, as a number, their own failures not yet looked at. */
import type { JobExecution } from '@bine/shared';
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import { isFailure, isOver, stateLooks } from './describe.ts';
import type { Jobs } from './store.ts';

export type Attention = vscode.Disposable & {
  /** The user started it here, and will be told when it ends. */
  follow(execution: JobExecution): void;
};

export type AttentionOptions = {
  connection: Pick<Connection, 'client' | 'events'>;
  jobs: Jobs;
  view: vscode.TreeView<unknown>;
  /** Of this window: another one tells of what was started there. */
  memory: vscode.Memento;
  isLogShown: (execution: JobExecution) => boolean;
};

const followedKey = 'bine.jobs.followed';
const seenKey = 'bine.jobs.seen';
const watchedKey = 'bine.jobs.watched';
/** So many of those that ended on screen are remembered. */
const mostWatched = 200;

export function createAttention({ connection, jobs, view, memory, isLogShown }: AttentionOptions): Attention {
  const followed = new Set(memory.get<string[]>(followedKey, []));
  /** Failures that ended after this were not seen. The first time, nothing that is older than the extension is news. */
  let seen = memory.get<string>(seenKey) ?? new Date().toISOString();
  /** Failures whose log was on screen when they ended. */
  const watched = new Set(memory.get<string[]>(watchedKey, []));
  let me: string | undefined;
  const keep = () => void memory.update(followedKey, [...followed]);

  function isUnseen(execution: JobExecution): boolean {
    return (
      execution.user === me && isFailure(execution) && execution.ended !== null && execution.ended > seen && !watched.has(execution.id)
    );
  }
  function count(): void {
    const looking = view.visible && vscode.window.state.focused;
    const failures = (jobs.all ?? []).flatMap((job) => jobs.executionsOf(job)).filter(isUnseen);
    if (looking && failures.length > 0) {
      seen = failures
        .map(({ ended }) => ended!)
        .sort()
        .at(-1)!;
      void memory.update(seenKey, seen);
    }
    const value = looking ? 0 : failures.length;
    view.badge = value === 0 ? undefined : { value, tooltip: value === 1 ? '1 job failed' : `${value} jobs failed` };
  }
  function hear(execution: JobExecution): void {
    if (!isOver(execution)) return;
    const isShown = isLogShown(execution);
    if (isShown && isFailure(execution) && !watched.has(execution.id)) {
      watched.add(execution.id);
      void memory.update(watchedKey, [...watched].slice(-mostWatched));
    }
    if (!followed.delete(execution.id)) return;
    keep();
    // Nothing says whether the panel with the log is hidden: a failure after a while is told all the same.
    if (!isShown || (isFailure(execution) && tookLong(execution))) void tell(execution);
  }
  /** Without it, nothing is known to be the user's own. */
  async function learnUser(): Promise<void> {
    me = (await connection.client.access.me({})).user.name;
    count();
  }
  if (memory.get(seenKey) === undefined) void memory.update(seenKey, seen);

  const disposables = vscode.Disposable.from(
    connection.events.onDidReset(() => void learnUser().catch(() => (me = undefined))),
    jobs.onDidChange(count),
    view.onDidChangeVisibility(count),
    vscode.window.onDidChangeWindowState(count),
    jobs.onDidChangeExecution(hear),
  );
  return {
    follow(execution) {
      followed.add(execution.id);
      keep();
      // It may have ended before the answer to the call that started it came.
      const known = jobs.execution(execution.id);
      if (known) hear(known);
    },
    dispose: () => disposables.dispose(),
  };
}

/** Long enough for the user to have turned to something else. */
const longMilliseconds = 10_000;

function tookLong({ started, ended }: JobExecution): boolean {
  return started !== null && ended !== null && Date.parse(ended) - Date.parse(started) > longMilliseconds;
}

async function tell(execution: JobExecution): Promise<void> {
  const { job, number, state, cause } = execution;
  const text = `${job} #${number} ${stateLooks[state].word}${cause ? `: ${cause}` : '.'}`;
  const say = isFailure(execution) ? vscode.window.showErrorMessage : vscode.window.showInformationMessage;
  const [log, again] = ['Show Log', 'Run Again'];
  const chosen = await say(text, log, again);
  const node = { kind: 'execution', execution };
  if (chosen === log) await vscode.commands.executeCommand('bine.showExecutionLog', node);
  if (chosen === again) await vscode.commands.executeCommand('bine.rerunExecution', node);
}
