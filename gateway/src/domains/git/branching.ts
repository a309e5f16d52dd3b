/** Branches, remotes and what was put aside. */
import type { GitRemote, GitStash, GitStatus } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import { createChange, createContentChange } from './changing.ts';
import { identityOf } from './credentials.ts';
import { commitOf, headOf, refuseRef } from './looking.ts';
import type { LookingParts } from './looking.ts';
import { driverNotice, sidesOfStash } from './notices.ts';
import type { At, Caller, Repository } from './parts.ts';

export function branchActions(parts: LookingParts) {
  const { commands } = parts.git;
  const change = createChange(parts);
  return {
    createBranch: (
      { name, from, checkout, ...at }: At & { name: string; from?: string | undefined; checkout: boolean },
      caller: Caller,
    ): Promise<GitStatus> =>
      change(at, caller, async (repository) => {
        await refuseName(parts, repository, name);
        const hash = from === undefined ? await headOf(parts, repository) : await commitOf(parts, repository, from);
        // Before the first commit a branch is only a name.
        if (hash === null && checkout) await repository.run(commands.pointHead(name));
        else if (hash === null) throw new Problem('conflict', 'There is no commit yet that a branch could stand at.');
        else if (checkout) await repository.run(commands.switchTo({ create: name, from: hash }));
        else await repository.run(commands.createBranch(name, hash));
      }),

    checkout: ({ ref, ...at }: At & { ref: string }, caller: Caller): Promise<GitStatus> =>
      createContentChange(parts)(at, caller, (repository) => checkOut(parts, repository, ref)),

    renameBranch: ({ name, to, ...at }: At & { name: string; to: string }, caller: Caller): Promise<GitStatus> =>
      change(at, caller, async (repository) => {
        await refuseName(parts, repository, name);
        await refuseName(parts, repository, to, 'to');
        await repository.run(commands.renameBranch(name, to));
      }),

    deleteBranch: ({ name, force, ...at }: At & { name: string; force: boolean }, caller: Caller): Promise<GitStatus> =>
      change(at, caller, async (repository) => {
        await refuseName(parts, repository, name);
        await repository.run(commands.deleteBranch(name, force));
      }),
  };
}

/** A branch of this repository goes first, then one that only a remote has, then anything that names a commit. */
async function checkOut(parts: LookingParts, repository: Repository, ref: string): Promise<void> {
  refuseRef(ref);
  const { commands } = parts.git;
  const refs = await repository.run(commands.listRefs(['refs/heads', 'refs/remotes']));
  if (refs.some(({ name }) => name === `refs/heads/${ref}`)) {
    await repository.run(commands.switchTo({ branch: ref }));
    return;
  }
  const remotes = commands.remotesIn(repository.opened.settings).map(({ name }) => name);
  const having = remotes.filter((name) => refs.some((one) => one.name === `refs/remotes/${name}/${ref}`));
  if (having.length > 1)
    throw new Problem(
      'conflict',
      `More than one remote has "${ref}": ${having.map((name) => `${name}/${ref}`).join(', ')}. Check one of them out, then create a branch there.`,
    );
  const [remote] = having;
  if (remote !== undefined) {
    await repository.run(commands.switchTo({ create: ref, from: `refs/remotes/${remote}/${ref}` }));
    for (const set of commands.setUpstream(ref, { remote, branch: ref })) await repository.run(set);
  } else await repository.run(commands.switchTo({ commit: await commitOf(parts, repository, ref) }));
}

async function refuseName({ git: { commands } }: LookingParts, { run }: Repository, name: string, field = 'name'): Promise<void> {
  const isGood = !name.startsWith('-') && name !== 'HEAD' && !/[\0\n]/.test(name) && (await run(commands.isBranchName(name)));
  if (isGood) return;
  throw new Problem(
    'invalid',
    `${JSON.stringify(name)} cannot be the name of a branch: no spaces, no "..", none of ~ ^ : ? * [ \\, and no / or - in front.`,
    {
      fields: [{ field, problem: 'cannot be the name of a branch' }],
    },
  );
}

export function remoteActions(parts: LookingParts) {
  const { git, repositories } = parts;
  const { commands } = git;
  const remotesOf = ({ opened }: Repository) => commands.remotesIn(opened.settings);
  return {
    setRemote: ({ name, url, ...at }: At & GitRemote, caller: Caller): Promise<GitRemote[]> =>
      repositories.change(at, caller, async (repository) => {
        const isNew = !commands.remotesIn(repository.opened.settings).some((remote) => remote.name === name);
        await repository.run(commands.setUrl(name, url));
        if (isNew) await repository.run(commands.setFetch(name));
        return remotesOf(repository);
      }),

    removeRemote: ({ name, ...at }: At & { name: string }, caller: Caller): Promise<GitRemote[]> =>
      repositories.change(at, caller, async (repository) => {
        if (!commands.remotesIn(repository.opened.settings).some((remote) => remote.name === name))
          throw new Problem('not-found', `The repository has no remote "${name}".`);
        await repository.run(commands.removeRemote(name));
        return remotesOf(repository);
      }),
  };
}

export function stashActions(parts: LookingParts) {
  const { git, repositories, rows } = parts;
  const { commands } = git;
  const change = createChange(parts);
  const refuseMissing = async ({ run }: Repository, index: number) => {
    if ((await run(commands.listStashes)).some((stash) => stash.index === index)) return;
    throw new Problem('not-found', `Nothing is put aside under the number ${index}.`);
  };
  return {
    stash: ({ message, untracked, ...at }: At & { message: string; untracked: boolean }, caller: Caller): Promise<GitStatus> =>
      change(at, caller, async (repository) => {
        if ((await headOf(parts, repository)) === null)
          throw new Problem('conflict', 'There is no commit yet, so nothing can be put aside.');
        const identity = await identityOf(rows, caller.user);
        await repository.runAs(identity, commands.stash(message, untracked));
      }),

    applyStash: ({ index, drop, ...at }: At & { index: number; drop: boolean }, caller: Caller): Promise<GitStatus> =>
      createContentChange(parts)(at, caller, async (repository) => {
        await refuseMissing(repository, index);
        const driven = await driverNotice(parts, repository, await sidesOfStash(parts, repository, index));
        await repository.run(commands.applyStash(index, drop));
        return { paths: (await repository.run(commands.status)).changes.map(({ path }) => path), notice: driven };
      }),

    dropStash: ({ index, ...at }: At & { index: number }, caller: Caller): Promise<GitStash[]> =>
      repositories.change(at, caller, async (repository) => {
        await refuseMissing(repository, index);
        await repository.run(commands.dropStash(index));
        return repository.run(commands.listStashes);
      }),
  };
}
