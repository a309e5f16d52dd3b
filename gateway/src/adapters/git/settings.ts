/**
 * What Git is told so that a repository's own configuration runs no program and reaches no network. All of it by the environment, which goes
 * before every file. The sandbox is the guarantee; this keeps the repository usable and the answers true.
 */
import { projectFolder } from './sandbox.ts';

export type Identity = { name: string; email: string };
/** In the order of the configuration's files; names as Git says them. */
export type Setting = { name: string; value: string };

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

/** For commands that don't look at a repository's configuration, or that list it. */
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

/** As Git merges a text without a driver. */
const plainMerge = 'git merge-file --marker-size=%L %A %O %B';

/** What a name of the repository's configuration is overridden by. */
const planted: [RegExp, (match: RegExpExecArray) => Setting[]][] = [
  [
    /^filter\.(.*)\.(?:clean|smudge|process|required)$/s,
    ([, driver]) => [
      ...['clean', 'smudge', 'process'].map((name) => ({ name: `filter.${driver}.${name}`, value: '' })),
      { name: `filter.${driver}.required`, value: 'false' },
    ],
  ],
  [/^diff\.(.*)\.(command|textconv)$/s, ([name]) => [{ name, value: '' }]],
  [/^merge\.(.*)\.driver$/s, ([name]) => [{ name, value: plainMerge }]],
  [/^trailer\.(.*)\.(command|cmd)$/s, ([name]) => [{ name, value: 'true' }]],
  [/^pager\.(.*)$/s, ([name]) => [{ name, value: 'false' }]],
  [/^credential\.(.*)\.helper$/s, ([name]) => [{ name, value: '' }]],
];

/** @param settings those of the repository */
export function overrides(settings: readonly Setting[]): Setting[] {
  const names = new Set(settings.map(({ name }) => name));
  const found = [...names].flatMap((name) =>
    planted.flatMap(([pattern, instead]) => {
      const match = pattern.exec(name);
      return match ? instead(match) : [];
    }),
  );
  return [...new Map(found.map((setting) => [setting.name, setting])).values()];
}

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

/** @param path of the repository in the project */
export function repositoryEnvironment(path: string): Record<string, string> {
  const folder = path === '' ? projectFolder : `${projectFolder}/${path}`;
  return {
    GIT_DIR: `${folder}/.git`,
    GIT_WORK_TREE: folder,
    // Goes before protocol.allow and what the repository says of single protocols: nothing is fetched by a local command.
    GIT_ALLOW_PROTOCOL: 'none',
  };
}
