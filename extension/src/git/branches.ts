/** Branches: going to one, making, renaming and deleting them. */
import type { GitBranch } from '@bine/shared';
import { toProblem } from '../connection/problem.ts';
import { type Choice, askText, confirm, pick, separator } from '../vs/ask.ts';
import { duration } from '../vs/units.ts';
import type { GitDeps } from './git.ts';
import { mending } from './mend.ts';
import type { Repository } from './repository.ts';
import { distance } from './words.ts';

type Target = { do: 'create' } | { do: 'checkout'; ref: string };

export async function checkOutBranch(deps: GitDeps, repository: Repository): Promise<void> {
  const title = `Check Out a Branch in ${repository.name}`;
  const target = await pick<Target>(choicesOf(deps, repository), { title, placeHolder: 'Which branch?' });
  if (target.do === 'create') return createBranch(deps, repository);
  const { connection } = deps;
  await mending({ connection, title: 'Check Out', repository }, () =>
    repository.during(async () => repository.put(await connection.client.git.checkout({ ...repository.at, ref: target.ref }))),
  );
}

async function choicesOf({ connection }: GitDeps, { at }: Repository) {
  const branches = await connection.client.git.branches(at);
  const local = branches.filter(({ remote }) => !remote);
  const names = new Set(local.map(({ name }) => name));
  // Those that have a branch of their own here are there already.
  const remote = branches.filter((branch) => branch.remote && !names.has(withoutRemote(branch.name)));
  const create: Choice<Target> = { label: '$(add) Create Branch…', value: { do: 'create' }, alwaysShow: true };
  const choice = (branch: GitBranch, icon: string, ref: string): Choice<Target> => ({
    label: `$(${icon}) ${branch.name}`,
    description: [branch.current ? 'current' : '', distance(branch), ago(branch)].filter(Boolean).join(' · '),
    detail: `${branch.hash.slice(0, 8)} ${branch.subject}`,
    value: { do: 'checkout', ref },
  });
  return [
    create,
    separator('branches'),
    ...local.sort(byTime).map((branch) => choice(branch, branch.current ? 'check' : 'git-branch', branch.name)),
    ...(remote.length > 0 ? [separator('branches of remotes')] : []),
    ...remote.sort(byTime).map((branch) => choice(branch, 'cloud', withoutRemote(branch.name))),
  ];
}

const byTime = (a: GitBranch, b: GitBranch) => Number(a.current) - Number(b.current) || b.time.localeCompare(a.time);
const ago = ({ time }: GitBranch) => `${duration(Date.now() - Date.parse(time))} ago`;
const withoutRemote = (name: string) => name.slice(name.indexOf('/') + 1);

async function localBranches({ connection }: GitDeps, { at }: Repository): Promise<GitBranch[]> {
  return (await connection.client.git.branches(at)).filter(({ remote }) => !remote);
}

export async function createBranch(deps: GitDeps, repository: Repository): Promise<void> {
  const taken = new Set((await localBranches(deps, repository)).map(({ name }) => name));
  const { connection } = deps;
  const name = await askText({
    title: 'Create Branch',
    prompt: `Name of the new branch. It begins at ${repository.status?.branch ?? 'what is checked out'}, and is checked out.`,
    placeholder: 'try-another-model',
    problem: (text) => branchProblem(text, taken),
  });
  await mending({ connection, title: 'Create Branch', repository }, () =>
    repository.during(async () => repository.put(await connection.client.git.createBranch({ ...repository.at, name: name.trim() }))),
  );
}

export async function renameBranch(deps: GitDeps, repository: Repository): Promise<void> {
  const { connection } = deps;
  const all = await localBranches(deps, repository);
  const name = await askBranch(all, 'Rename Branch');
  const taken = new Set(all.map((branch) => branch.name).filter((each) => each !== name));
  const to = (
    await askText({ title: `Rename ${name}`, prompt: 'New name', value: name, problem: (text) => branchProblem(text, taken) })
  ).trim();
  if (to === name) return;
  await mending({ connection, title: 'Rename Branch', repository }, async () =>
    repository.put(await connection.client.git.renameBranch({ ...repository.at, name, to })),
  );
}

export async function deleteBranch(deps: GitDeps, repository: Repository): Promise<void> {
  const { connection } = deps;
  const others = (await localBranches(deps, repository)).filter(({ current }) => !current);
  const name = await askBranch(others, 'Delete Branch');
  const remove = (force: boolean) => connection.client.git.deleteBranch({ ...repository.at, name, force });
  const once = async () => {
    try {
      return await remove(false);
    } catch (error) {
      const problem = toProblem(error);
      if (problem.code !== 'conflict') throw problem;
      await confirm(`Delete ${name} with commits that are nowhere else?`, problem.message, 'Delete Branch');
      return remove(true);
    }
  };
  await mending({ connection, title: 'Delete Branch', repository }, async () => repository.put(await once()));
}

function askBranch(branches: GitBranch[], title: string): Promise<string> {
  const choices = branches.map((branch) => ({
    label: `$(git-branch) ${branch.name}`,
    description: [branch.current ? 'current' : '', ago(branch)].filter(Boolean).join(' · '),
    detail: `${branch.hash.slice(0, 8)} ${branch.subject}`,
    value: branch.name,
  }));
  return pick<string>(choices, { title, placeHolder: choices.length > 0 ? 'Which branch?' : 'There is no other branch' });
}

/** Why it cannot be a branch's name, as far as can be said while it is typed: the gateway asks Git itself. */
function branchProblem(text: string, taken: ReadonlySet<string>): string | undefined {
  const name = text.trim();
  if (!name) return 'Type a name.';
  if (/[\s~^:?*[\\]|\.\.|@\{|\/\/|^[-/]|[/.]$|\.lock$/.test(name)) return 'Use letters, digits, - and _, with . and / between them.';
  return taken.has(name) ? `There is a branch "${name}" already.` : undefined;
}
