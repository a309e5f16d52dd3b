/**
 * What Git is told whatever its files say: to run no program, to reach no network and to ask nobody. All of it by the environment, which goes
 * before every file.
 */
import type { Identity, Setting } from '../../ports/git/repository.ts';

const base: Record<string, string> = {
  PATH: '/usr/local/bin:/usr/bin:/bin',
  HOME: '/tmp',
  LC_ALL: 'C.UTF-8',
  TZ: 'UTC',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_LITERAL_PATHSPECS: '1',
  GIT_EDITOR: 'true',
  GIT_SEQUENCE_EDITOR: 'true',
  GIT_PAGER: 'cat',
  GIT_ADVICE: '0',
  GIT_MERGE_AUTOEDIT: 'no',
  GIT_NO_LAZY_FETCH: '1',
};

export const always: readonly Setting[] = [
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['core.sshCommand', 'false'],
  ['core.gitProxy', 'false'],
  ['core.askPass', ''],
  ['core.pager', 'cat'],
  ['core.editor', 'true'],
  ['core.attributesFile', '/dev/null'],
  ['core.alternateRefsCommand', ':'],
  ['core.quotePath', 'false'],
  ['credential.helper', ''],
  ['diff.external', ''],
  ['diff.trustExitCode', 'false'],
  ['diff.ignoreSubmodules', 'dirty'],
  ['commit.gpgSign', 'false'],
  ['tag.gpgSign', 'false'],
  ['tag.forceSignAnnotated', 'false'],
  ['push.gpgSign', 'false'],
  ['log.showSignature', 'false'],
  ['merge.verifySignatures', 'false'],
  ['gpg.program', 'false'],
  ['gpg.ssh.program', 'false'],
  ['gpg.x509.program', 'false'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['submodule.recurse', 'false'],
  ['fetch.recurseSubmodules', 'false'],
  ['push.recurseSubmodules', 'no'],
  ['color.ui', 'false'],
  ['commit.verbose', 'false'],
  ['status.showUntrackedFiles', 'all'],
  ['rebase.autoStash', 'false'],
  ['merge.autoStash', 'false'],
  ['rebase.updateRefs', 'false'],
].map(([name, value]) => ({ name: name!, value: value! }));

export function environmentOf(settings: readonly Setting[], identity: Identity | null): Record<string, string> {
  const environment: Record<string, string> = { ...base, GIT_CONFIG_COUNT: `${settings.length}` };
  for (const [index, { name, value }] of settings.entries()) {
    environment[`GIT_CONFIG_KEY_${index}`] = name;
    environment[`GIT_CONFIG_VALUE_${index}`] = value;
  }
  for (const who of ['AUTHOR', 'COMMITTER']) {
    environment[`GIT_${who}_NAME`] = identity?.name ?? 'Bine';
    environment[`GIT_${who}_EMAIL`] = identity?.email ?? 'bine@localhost';
  }
  return environment;
}
