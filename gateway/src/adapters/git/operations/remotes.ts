/** Remotes, and which branch follows which of theirs. */
import type { GitRemote } from '@bine/shared';
import { nothing } from '../operation.ts';
import type { Operation } from '../../../ports/git/operation.ts';
import type { Setting } from '../../../ports/git/repository.ts';
import { withoutUsers } from '../tidy.ts';
import type { Upstream } from '../../../ports/git/commands.ts';

/** Without the tokens that somebody wrote into an address in a terminal. */
export function remotesIn(settings: readonly Setting[]): GitRemote[] {
  const found = new Map<string, string>();
  for (const { name, value } of settings) {
    const remote = /^remote\.(.+)\.url$/s.exec(name)?.[1];
    if (remote !== undefined && !found.has(remote)) found.set(remote, value);
  }
  return [...found].map(([name, url]) => ({ name, url: withoutUsers(url) }));
}

export function upstreamIn(settings: readonly Setting[], branch: string): Upstream | null {
  const last = (name: string) => settings.findLast((setting) => setting.name === `branch.${branch}.${name}`)?.value;
  const [remote, merge] = [last('remote'), last('merge')];
  if (!remote || !merge?.startsWith('refs/heads/') || remote === '.') return null;
  return { remote, branch: merge.slice('refs/heads/'.length) };
}

const set = (name: string, value: string): Operation<void> => ({
  what: "change the repository's configuration",
  arguments: ['config', '--local', '--replace-all', name, value],
  configures: true,
  parse: nothing,
});

export const setUrl = (remote: string, url: string): Operation<void> => set(`remote.${remote}.url`, url);
export const setFetch = (remote: string): Operation<void> => set(`remote.${remote}.fetch`, `+refs/heads/*:refs/remotes/${remote}/*`);

export const setUpstream = (branch: string, { remote, branch: theirs }: Upstream): Operation<void>[] => [
  set(`branch.${branch}.remote`, remote),
  set(`branch.${branch}.merge`, `refs/heads/${theirs}`),
];

export const removeRemote = (name: string): Operation<void> => ({
  what: 'remove the remote',
  arguments: ['remote', 'remove', name],
  configures: true,
  parse: nothing,
});
