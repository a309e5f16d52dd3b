/** Problems that the user can mend on the spot: what is missing is asked for, and what failed is done again. */
import type { Problem, ProblemCode } from '@bine/shared/problems';
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import { toProblem } from '../connection/problem.ts';
import { cancelled, confirm } from '../vs/ask.ts';
import { askToken } from './ask-token.ts';
import { watchingConflicts } from './conflicts.ts';
import { askIdentity } from './identity.ts';
import { followOperation } from './operation.ts';
import type { Repository } from './repository.ts';
import { cause, hostOf } from './address.ts';

export type Doing = {
  connection: Connection;
  /** As an error begins, such as "Push". */
  title: string;
  repository: Repository;
};

/** @throws Problem that cannot be mended, or `cancelled` when the user does not want to */
export async function mending<T>(doing: Doing, work: () => Thenable<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const problem = toProblem(error);
      const remedy = remedyFor(problem, doing);
      if (!remedy) throw problem;
      if (remedy.button) await offer(`${doing.title}: ${cause(problem.message)}`, remedy.button);
      await remedy.mend();
    }
  }
}

/** Without a button it is what the user is asked at once. */
type Remedy = { button?: string; mend: () => Promise<unknown> };

function remedyFor(problem: Problem, { connection, repository }: Doing): Remedy | undefined {
  const { at, name, remote } = repository;
  const { client } = connection;
  const remedies: Partial<Record<ProblemCode, Remedy>> = {
    'identity-needed': { mend: () => askIdentity(connection, 'Git needs to know who commits.') },
    'push-rejected': {
      button: 'Pull, Then Push',
      mend: () => watchingConflicts('Pull', repository, () => followOperation(connection, `Pulling ${name}`, () => client.git.pull(at))),
    },
    'git-locked': {
      button: 'Remove Lock…',
      mend: async () => {
        await confirm(
          `Remove the lock of ${name}?`,
          'Only when no other program uses Git in it: two at once can damage the repository.',
          'Remove Lock',
        );
        await client.git.unlock(at);
      },
    },
    ...(remote && { 'credential-needed': { button: 'Enter Token…', mend: () => askToken(connection, { host: hostOf(remote) }) } }),
  };
  return remedies[problem.code];
}

async function offer(message: string, button: string): Promise<void> {
  if ((await vscode.window.showErrorMessage(message, button)) !== button) throw cancelled();
}
