/** Follows an operation over the network to its end, with a notification that says how far it is and can cancel it. */
import type { GitOperation } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import * as vscode from 'vscode';
import { cancelWith } from '../connection/cancel.ts';
import type { Connection } from '../connection/client.ts';
import { follow } from '../connection/follow.ts';
import { cancelled } from '../vs/ask.ts';
import { tellUncancelled, withProgress } from '../vs/progress.ts';
import { isOver, stageText } from './operation-words.ts';

/** How long what became of it stands in the status bar, in milliseconds. */
const shown = 6000;

/** @throws Problem that it failed with, or `cancelled` */
export async function followOperation(
  { client, connected }: Pick<Connection, 'client' | 'connected'>,
  title: string,
  begin: () => Promise<GitOperation>,
): Promise<GitOperation> {
  const ended = await withProgress(title, async (cancelling, report) => {
    let now = await begin();
    const at = { project: now.project, operation: now.id };
    cancelWith({ signal: cancelling, cancel: () => client.git.cancel(at), onFailure: tellUncancelled(title) });
    const open = ({ lastEventId, signal }: { lastEventId: string | undefined; signal: AbortSignal }) =>
      client.git.follow(at, { signal, ...(lastEventId && { lastEventId }) });
    for await (now of follow({ open, connected, signal: new AbortController().signal })) {
      report(stageText(now));
      if (isOver(now)) break;
    }
    return now;
  });
  if (ended.state === 'cancelled') throw cancelled();
  if (ended.state === 'failed' && ended.problem) throw new Problem(ended.problem.code, ended.problem.detail);
  if (ended.state !== 'succeeded')
    throw new Problem('git-failed', 'The gateway does not say how it ended. Look at the repository, and try again.');
  if (ended.summary) vscode.window.setStatusBarMessage(`$(check) ${ended.summary}`, shown);
  return ended;
}
