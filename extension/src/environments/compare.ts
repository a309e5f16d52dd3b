/** `Bine: Compare Revisions…`: what two revisions of an environment have, side by side. */
import type { Revision } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import { pick } from '../vs/ask.ts';
import type { EnvironmentDeps } from './environments.ts';
import { revisionLook } from './nodes.ts';
import { inOrder, revisionText } from './revision-text.ts';
import type { Target } from './target.ts';

const scheme = 'bine-revision';

type At = { project: string; environment: string; revision: number };

/** Revisions never change, so that their texts need no events. */
export function registerRevisionTexts(connection: Connection): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(scheme, {
    provideTextDocumentContent: async ({ query }) => {
      const { packages } = await connection.client.environments.revision(JSON.parse(query) as At);
      return revisionText(packages);
    },
  });
}

/** @throws Problem conflict: there is only one; cancelled */
export async function compareRevisions(
  { connection }: EnvironmentDeps,
  { project, environment }: Target,
  chosen: readonly number[],
): Promise<void> {
  const at = { project, environment: environment.name };
  const revisions = await connection.client.environments.revisions(at);
  if (revisions.length < 2)
    throw new Problem('conflict', `"${environment.title}" has one revision only: install a package to make another.`);
  const ask = (placeHolder: string, but?: number) =>
    pick<number>(rows(revisions, { current: environment.revision, but }), {
      title: `Compare Revisions of ${environment.title}`,
      placeHolder,
    });
  const one = chosen[0] ?? (await ask('Which revision?'));
  const other = chosen[1] ?? (await ask(`With which one is revision ${one} compared?`, one));
  const { left, right } = inOrder(one, other);
  const uriOf = (revision: number) =>
    vscode.Uri.from({ scheme, path: `/${environment.title} revision ${revision}.txt`, query: JSON.stringify({ ...at, revision }) });
  await vscode.commands.executeCommand('vscode.diff', uriOf(left), uriOf(right), `${environment.title}: revision ${left} ↔ ${right}`);
}

function rows(revisions: readonly Revision[], { current, but }: { current: number | null; but?: number | undefined }) {
  return revisions
    .filter(({ number }) => number !== but)
    .map((revision) => {
      const { label, description } = revisionLook(revision, current, Date.now());
      return { label, description, value: revision.number };
    });
}
