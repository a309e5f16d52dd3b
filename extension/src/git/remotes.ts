/** Remotes: where a repository is fetched from and pushed to. */
import type { GitRemote } from '@bine/shared';
import { gitRemoteName } from '@bine/shared/names';
import { askText, confirm, pick } from '../vs/ask.ts';
import { askAddress } from './ask-address.ts';
import type { GitDeps } from './git.ts';
import type { Repository } from './repository.ts';

export async function addRemote({ connection, repositories }: GitDeps, { at, project }: Repository): Promise<void> {
  const { git } = connection.client;
  const taken = new Set((await git.remotes(at)).map(({ name }) => name));
  const url = await askAddress({ title: 'Add Remote', prompt: 'Address of the repository on its server', step: 1, totalSteps: 2 });
  const name = await askText({
    title: 'Add Remote',
    prompt: 'Name of the remote',
    value: taken.has('origin') ? '' : 'origin',
    placeholder: 'upstream',
    step: 2,
    totalSteps: 2,
    problem: (text) => nameProblem(text, taken),
  });
  await git.setRemote({ ...at, name, url });
  await repositories.refresh(project);
}

export async function removeRemote({ connection, repositories }: GitDeps, { at, project }: Repository): Promise<void> {
  const { git } = connection.client;
  const remotes = await git.remotes(at);
  const choices = remotes.map((value) => ({ label: `$(cloud) ${value.name}`, description: value.url, value }));
  const placeHolder = choices.length > 0 ? 'Which remote?' : 'This repository has no remote';
  const { name } = await pick<GitRemote>(choices, { title: 'Remove Remote', placeHolder });
  await confirm(`Remove ${name}?`, 'What was fetched from it is forgotten, too. On the server nothing changes.', 'Remove Remote');
  await git.removeRemote({ ...at, name });
  await repositories.refresh(project);
}

function nameProblem(text: string, taken: ReadonlySet<string>): string | undefined {
  if (!text) return 'Type a name.';
  if (!gitRemoteName.pattern.test(text)) return `In the name of a remote ${gitRemoteName.hint}.`;
  return taken.has(text) ? `There is a remote "${text}" already.` : undefined;
}
