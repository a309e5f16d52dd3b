/** `Bine: Rename Environment…`, `Describe Environment…`, `Delete Environment…` and `Roll Back Environment…`. */
import type { EnvironmentUser, Revision } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import { askText, confirm, pick } from '../vs/ask.ts';
import { briefly } from '../vs/progress.ts';
import { followChange } from './changes.ts';
import { takenIn } from './clone.ts';
import type { EnvironmentDeps } from './environments.ts';
import { nameProblem } from './names.ts';
import { revisionFacts, revisionLook } from './nodes.ts';
import type { Target } from './target.ts';

export async function renameEnvironment(deps: EnvironmentDeps, { project, environment }: Target): Promise<void> {
  const taken = await takenIn(deps, project);
  taken.delete(environment.name);
  const name = await askText({
    title: `Rename ${environment.title}`,
    prompt: 'Its kernels and jobs go along',
    value: environment.name,
    problem: (text) => nameProblem(text, taken),
  });
  if (name !== environment.name) await deps.connection.client.environments.update({ project, environment: environment.name, name });
}

export async function describeEnvironment({ connection }: EnvironmentDeps, { project, environment }: Target): Promise<void> {
  const description = await askText({
    title: `Describe ${environment.title}`,
    prompt: 'What it is for',
    value: environment.description,
    problem: (text) => (text.length > 500 ? `${text.length - 500} characters too long.` : undefined),
  });
  await connection.client.environments.update({ project, environment: environment.name, description });
}

export async function deleteEnvironment({ connection }: EnvironmentDeps, { project, environment }: Target): Promise<void> {
  const { client } = connection;
  const at = { project, environment: environment.name };
  const users = await client.environments.users(at);
  if (users.length > 0) throw new Problem('conflict', inUse(environment.title, users));
  await confirm(`Delete the environment "${environment.title}"?`, 'Its packages and revisions are gone for good.', 'Delete');
  await briefly(`Deleting ${environment.title}…`, () => client.environments.delete(at));
}

function inUse(title: string, users: readonly EnvironmentUser[]): string {
  const names = users.map(({ type, id, title: name }) => `the ${type} ${name || id}`);
  return `"${title}" is used by ${names.join(', ')}. Shut the kernels down and give the jobs another environment first.`;
}

/** Needs no modal question: the revision that is left stays, to be gone back to. */
export async function rollBackEnvironment({ connection }: EnvironmentDeps, { project, environment }: Target, to?: number): Promise<void> {
  const at = { project, environment: environment.name };
  const revision = to ?? (await askRevision(environment.title, await connection.client.environments.revisions(at), environment.revision));
  await followChange({ connection, at, title: `Rolling ${environment.title} back to revision ${revision}` }, () =>
    connection.client.environments.rollback({ ...at, revision }),
  );
}

function askRevision(title: string, revisions: readonly Revision[], current: number | null): Promise<number> {
  const choices = revisions
    .filter(({ number }) => number !== current)
    .map((revision) => {
      const { label, description } = revisionLook(revision, current, Date.now());
      const changes = revisionFacts(revision).filter(([name]) => ['Added', 'Removed', 'Changed'].includes(name));
      return { label, description, detail: changes.map(([name, value]) => `${name}: ${value}`).join(' · '), value: revision.number };
    });
  const placeHolder = choices.length > 0 ? 'To which revision?' : 'It has only the revision that it is in';
  return pick<number>(choices, { title: `Roll Back ${title}`, placeHolder });
}
