/** Checks a repository out into the project: out of sight until all of it is there. */
import type { GitOperation } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { OpenRepository, Where } from '../../ports/git/repository.ts';
import type { Operation } from '../../ports/git/operation.ts';
import type { Advertised } from '../../ports/git/transfers.ts';
import { parsePath } from '../files/path.ts';
import type { ProjectFolder } from '../projects/projects.ts';
import { filterNotice } from './notices.ts';
import type { Leg } from './operations.ts';
import { tripTo } from './trip.ts';
import type { TransferParts } from './trip.ts';

export type Clone = { project: string; url: string; path?: string | undefined; branch?: string | undefined; depth?: number | undefined };

type Cloning = { clone: Clone; leg: Leg; project: ProjectFolder; names: readonly string[] };

/** The name in the staged folder. */
const staged = 'repository';
const remote = 'origin';

export function cloneAction(parts: TransferParts) {
  const { projects, repositories, operations, disk } = parts;
  return async (clone: Clone, user: string): Promise<GitOperation> => {
    const project = await projects.folder(clone.project);
    const names = parsePath(clone.path ?? nameOf(clone.url));
    if (names.length === 0)
      throw new Problem('invalid', 'A repository is checked out into a folder of its own; name one.', {
        fields: [{ field: 'path', problem: 'must not be empty' }],
      });
    if (await isThere(disk.folder(project), names)) throw taken(names);
    const path = names.join('/');
    return operations.begin({ project, repository: path, action: 'clone', user }, (leg) =>
      repositories.enter(`${project.id}/${path}`, leg.signal, async () => {
        leg.onTurn();
        return run(parts, { clone, leg, project, names });
      }),
    );
  };
}

async function run(parts: TransferParts, cloning: Cloning): Promise<string> {
  const { disk, repositories, git } = parts;
  const { clone, leg, project, names } = cloning;
  const folder = disk.folder(project);
  const path = names.join('/');
  // So that what a gateway that is killed leaves of it is looked for at the next start.
  await using _mark = await git.marks.set({ projectId: project.id, path, since: Date.now() });
  await using place = await folder.stage();
  const { branch, notice } = await fill(parts, cloning, { files: place.path, path: staged, owner: project.owner });
  if (await isThere(folder, names)) throw taken(names);
  await place.install(staged, names, leg.signal);
  repositories.changed(project, path);
  const became = branch === null ? `${clone.url} is empty; it is in ${path}` : `${branch} is checked out in ${path}`;
  return [became, notice].filter(Boolean).join('. ');
}

type Filled = { branch: string | null; notice: string | null };

/** @returns the branch that is checked out; null: the server has none */
async function fill(parts: TransferParts, { clone, leg }: Cloning, where: Where): Promise<Filled> {
  const { git } = parts;
  const { commands } = git;
  await git.init(where, leg.signal);
  const repository = await git.open(where, leg.signal);
  const run = <T>(operation: Operation<T>) => repository.run(operation, { signal: leg.signal });
  await run(commands.setUrl(remote, clone.url));
  await run(commands.setFetch(remote));
  const trip = await tripTo(parts, { where, url: clone.url, refs: [], leg });
  const server = await git.transfers.list({ ...trip, onProgress: () => undefined });
  const branch = wanted(server, clone);
  if (branch === null) {
    await run(commands.pointHead(server.head ?? 'main'));
    return { branch, notice: null };
  }
  const which = clone.depth === undefined ? '*' : branch;
  const specs = [`+refs/heads/${which}:refs/remotes/${remote}/${which}`];
  const refs = await git.transfers.fetch(trip, { specs, prune: false, depth: clone.depth });
  await run(
    commands.moveRefs(
      refs.map((ref) => ({ ...ref, old: null })),
      'clone',
    ),
  );
  leg.onProgress({ stage: 'Checking out files', percent: null });
  await checkOut(repository, { leg, branch, server, git });
  return { branch, notice: await filterNotice(parts, { run }) };
}

type CheckOut = { leg: Leg; branch: string; server: Advertised; git: TransferParts['git'] };

async function checkOut(repository: OpenRepository, { leg, branch, server, git: { commands } }: CheckOut): Promise<void> {
  const run = <T>(operation: Operation<T>) => repository.run(operation, { signal: leg.signal });
  if (server.head !== null && server.branches.some(({ name }) => name === server.head))
    await run(commands.pointRemoteHead(remote, server.head));
  await run(commands.switchTo({ create: branch, from: `refs/remotes/${remote}/${branch}` }));
  for (const set of commands.setUpstream(branch, { remote, branch })) await run(set);
}

function wanted({ branches, head }: Advertised, { branch, url }: Clone): string | null {
  if (branch !== undefined) {
    if (branches.some(({ name }) => name === branch)) return branch;
    throw new Problem(
      'not-found',
      `${url} has no branch ${JSON.stringify(branch)}. It has: ${
        branches
          .slice(0, 10)
          .map(({ name }) => name)
          .join(', ') || 'none'
      }.`,
    );
  }
  const found = head !== null && branches.some(({ name }) => name === head) ? head : branches[0]?.name;
  return found ?? null;
}

/** As `git clone` names it. */
export function nameOf(url: string): string {
  const last = new URL(url).pathname.split('/').filter(Boolean).at(-1) ?? '';
  return decodeURIComponent(last).replace(/\.git$/, '') || 'repository';
}

type Folder = ReturnType<TransferParts['disk']['folder']>;

async function isThere(folder: Folder, names: readonly string[]): Promise<boolean> {
  try {
    await folder.stat(names);
    return true;
  } catch (error) {
    if (error instanceof Problem && error.code === 'not-found') return false;
    throw error;
  }
}

const taken = (names: readonly string[]): Problem =>
  new Problem('already-exists', `${JSON.stringify(names.join('/'))} exists already. Choose another folder for the repository.`);
