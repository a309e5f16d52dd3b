/** Follows builds and changes to their end, with a notification that says how far they are and can cancel them. */
import type { Change, Environment } from '@bine/shared';
import type { Problem } from '@bine/shared/problems';
import * as vscode from 'vscode';
import { cancelWith } from '../connection/cancel.ts';
import type { Connection } from '../connection/client.ts';
import { toProblem } from '../connection/problem.ts';
import { cancelled } from '../vs/ask.ts';
import { tellUncancelled, withProgress } from '../vs/progress.ts';
import { type LogPlace, readLog } from './build-log.ts';
import { isOpen } from './nodes.ts';

type At = { project: string; environment: string };
export type Doing = {
  connection: Connection;
  at: At;
  /** As in "Installing seaborn in training". */
  title: string;
};

/** @throws Problem `cancelled`, also after it has told why the change failed */
export async function followChange({ connection, at, title }: Doing, begin: () => Promise<Change>): Promise<Change> {
  const { client } = connection;
  let place: LogPlace = at;
  const ended = await withProgress(`${title} (${detailsLink(at)})`, async (signal, report) => {
    const change = await begin();
    place = { ...at, change: change.id };
    const cancel = () => client.environments.cancelChange({ ...at, change: change.id });
    cancelWith({ signal, cancel, onFailure: tellUncancelled(title) });
    const onChange = ({ state }: Change) => state === 'saving' && report('saving the revision');
    return withLines(connection, place, report, () => untilOver(connection, at, { change, onChange }));
  });
  if (ended.state === 'cancelled') throw cancelled();
  if (ended.state === 'succeeded') return ended;
  tellFailure(title, ended.problem ?? 'It failed.', place);
  throw cancelled();
}

/** Builds a bundled environment unless it is ready. @throws Problem `cancelled`, also after it has told why the build failed */
export async function followBuild({ connection, at, title }: Doing): Promise<void> {
  const { client } = connection;
  const built = await withProgress(`${title} (${detailsLink(at)})`, async (signal, report) => {
    const begun = await client.environments.build(at);
    if (begun.state !== 'building') return begun;
    cancelWith({ signal, cancel: () => client.environments.cancelBuild(at), onFailure: tellUncancelled(title) });
    return withLines(connection, at, report, () => untilBuilt(connection, at));
  });
  if (built.state === 'ready') return;
  if (built.state === 'failed') tellFailure(title, built.problem ?? 'It failed.', at);
  throw cancelled();
}

function detailsLink({ project, environment }: At): string {
  return `[details](command:bine.showBuildLog?${encodeURIComponent(JSON.stringify([project, environment]))})`;
}

function tellFailure(doing: string, problem: string, { project, environment, change }: LogPlace): void {
  void vscode.window.showErrorMessage(`${doing}: ${problem}`, 'Show Build Log').then((chosen) => {
    if (chosen) return vscode.commands.executeCommand('bine.showBuildLog', project, environment, change);
    return undefined;
  });
}

/** Reports the lines of the log while the work goes on. */
async function withLines<T>(connection: Connection, place: LogPlace, report: (line: string) => void, work: () => Promise<T>): Promise<T> {
  const ending = new AbortController();
  const lines = async () => {
    for await (const { text } of readLog(connection, place, ending.signal)) report(text);
  };
  // Without its log being shown, it goes on; how it ends is said elsewhere.
  void lines().catch(() => undefined);
  try {
    return await work();
  } finally {
    ending.abort();
  }
}

type Watched = { change: Change; onChange: (now: Change) => void };

function untilOver({ client, events }: Connection, at: At, { change, onChange }: Watched): Promise<Change> {
  return until<Change>(
    (settle, fail) => {
      const look = (now: Change) => {
        onChange(now);
        settle(now);
      };
      const read = () =>
        void client.environments.changes(at).then(
          (all) => all.filter(({ id }) => id === change.id).forEach(look),
          (error: unknown) => ifGone(error, fail),
        );
      read();
      return vscode.Disposable.from(
        events.onDidReset(read),
        events.on('environment.change', ({ data }) => data.id === change.id && look(data)),
      );
    },
    (now) => !isOpen(now),
  );
}

function untilBuilt({ client, events }: Connection, at: At): Promise<Environment> {
  return until<Environment>(
    (look, fail) => {
      const read = () => void client.environments.get(at).then(look, (error: unknown) => ifGone(error, fail));
      read();
      return vscode.Disposable.from(
        events.onDidReset(read),
        events.on('environment.changed', ({ data }) => data.name === at.environment && look(data)),
      );
    },
    ({ state }) => state !== 'building',
  );
}

/** What cannot be read now is read again with the connection; what is gone never will be. */
function ifGone(error: unknown, fail: (problem: Problem) => void): void {
  const problem = toProblem(error);
  if (problem.code === 'not-found') fail(problem);
}

type Watch<T> = (look: (now: T) => void, fail: (problem: Problem) => void) => vscode.Disposable;

async function until<T>(watch: Watch<T>, over: (now: T) => boolean): Promise<T> {
  let watching: vscode.Disposable | undefined;
  try {
    return await new Promise<T>((resolve, reject) => {
      watching = watch((now) => over(now) && resolve(now), reject);
    });
  } finally {
    watching?.dispose();
  }
}
