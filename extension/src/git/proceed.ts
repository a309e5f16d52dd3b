/** Going on with a merge, rebase and the like that stopped at a conflict, wherever it was begun. */
import type { GitStatus } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import * as vscode from 'vscode';
import { cancelled, confirm } from '../vs/ask.ts';
import { toProblem } from '../connection/problem.ts';
import type { GitDeps } from './git.ts';
import { mending } from './mend.ts';
import type { Repository } from './repository.ts';

export async function continueMerge({ connection }: GitDeps, repository: Repository): Promise<void> {
  await mending({ connection, title: 'Continue', repository }, () =>
    allowingMarkers((allowConflictMarkers) => connection.client.git.continue({ ...repository.at, allowConflictMarkers })).then((status) =>
      tell(repository, status),
    ),
  );
}

export async function skipMerge({ connection }: GitDeps, repository: Repository): Promise<void> {
  const what = repository.status?.underway ?? 'merge';
  await confirm(`Skip this commit of the ${what} in ${repository.name}?`, 'What was settled of its conflicts is lost.', 'Skip Commit');
  await mending({ connection, title: 'Skip', repository }, async () => tell(repository, await connection.client.git.skip(repository.at)));
}

function tell(repository: Repository, status: GitStatus): void {
  repository.put(status);
  const { underway, conflicts } = status;
  if (underway && conflicts.length > 0) {
    const files = conflicts.length === 1 ? '1 file is' : `${conflicts.length} files are`;
    void vscode.window.showWarningMessage(
      `The ${underway} stopped at the next conflict: ${files} in conflict. Settle, stage and continue.`,
    );
  }
}

/** Marks of a conflict may be what is meant, as in a text about Git. @throws Problem cancelled */
export async function allowingMarkers<T>(work: (allow: boolean) => Thenable<T>): Promise<T> {
  try {
    return await work(false);
  } catch (error) {
    const problem: Problem = toProblem(error);
    if (problem.code !== 'conflict-markers') throw problem;
    const answer = await vscode.window.showWarningMessage(problem.message, { modal: true }, 'Commit Anyway');
    if (answer !== 'Commit Anyway') throw cancelled();
    return work(true);
  }
}
