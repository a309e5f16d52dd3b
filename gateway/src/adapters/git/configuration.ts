/**
 * The configuration that Git reads instead of the repository's own. Programs of the project can change that one at any time, also between the
 * moment it is read and the moment a command runs, and can have it include further files. So each command gets a copy of what was read once,
 * with nothing in it but settings that are known to start no program and to lead nowhere.
 */
import { existsSync } from 'node:fs';
import { projectFolder } from './sandbox.ts';
import type { Sandbox } from './sandbox.ts';
import type { Setting } from '../../ports/git/repository.ts';

/** Sections and names are in lower case, as Git lists them. */
const harmless: RegExp[] = [
  /^core\.(?:repositoryformatversion|filemode|ignorecase|precomposeunicode|symlinks|autocrlf|eol|safecrlf|checkroundtripencoding)$/,
  /^core\.(?:trustctime|checkstat|logallrefupdates|sharedrepository|excludesfile|sparsecheckout|sparsecheckoutcone)$/,
  /^core\.(?:compression|loosecompression|bigfilethreshold|whitespace|commentchar|abbrev|splitindex|untrackedcache)$/,
  // What Git does not know of these, it refuses. The one that is left out makes it read another file.
  /^extensions\.(?!worktreeconfig$)[^.]+$/,
  /^remote\..*\.(?:url|pushurl|fetch|push|promisor|partialclonefilter|tagopt|prune|mirror)$/s,
  /^branch\..*\.(?:remote|pushremote|merge|rebase|description)$/s,
  /^merge\.(?:conflictstyle|renames|renamelimit|directoryrenames)$/,
  /^diff\.(?:algorithm|renames|renamelimit|indentheuristic)$/,
  /^rerere\.(?:enabled|autoupdate)$/,
  /^index\.(?:sparse|threads|version|skiphash)$/,
  /^sparse\.[^.]+$/,
];

/** @returns the text of a configuration file */
export function harmlessConfiguration(settings: readonly Setting[]): string {
  return settings
    .filter(({ name }) => harmless.some((pattern) => pattern.test(name)))
    .map(asEntry)
    .join('');
}

function asEntry({ name, value }: Setting): string {
  const [first, last] = [name.indexOf('.'), name.lastIndexOf('.')];
  const subsection = first === last ? '' : ` "${name.slice(first + 1, last).replaceAll(/["\\]/g, String.raw`\$&`)}"`;
  return `[${name.slice(0, first)}${subsection}]\n\t${name.slice(last + 1)} = "${escaped(value)}"\n`;
}

const escaped = (value: string): string =>
  value
    .replaceAll(/["\\]/g, String.raw`\$&`)
    .replaceAll('\n', String.raw`\n`)
    .replaceAll('\t', String.raw`\t`)
    .replaceAll('\b', String.raw`\b`);

/** In the sandbox: the folder that Git takes for the one that all worktrees have in common, from which it reads the configuration. */
const common = '/git';
/** What is in that folder otherwise. Nothing of it is configuration. */
const shared = ['objects', 'refs', 'logs', 'info', 'packed-refs', 'shallow', 'rr-cache', 'modules', 'worktrees'];

/** @param path of the repository in the project */
const gitFolder = (path: string): string => `${workTree(path)}/.git`;
const workTree = (path: string): string => (path === '' ? projectFolder : `${projectFolder}/${path}`);

/** Where Git finds the programs that it starts itself. */
const programs = `${common}/programs`;
const gitProgram = ['/usr/local/bin/git', '/usr/bin/git'];
const gitPrograms = ['/usr/local/libexec/git-core', '/usr/lib/git-core', '/usr/libexec/git-core'];
const scripts = ['git-bisect', 'git-sh-setup', 'git-sh-i18n', 'git-sh-i18n--envsubst'];

/**
 * Git asks submodules how they are by starting itself in them, with nothing of what it was told, so that their configuration would hold. It
 * gets an empty answer: they are as they were committed. In the repository itself the folder is always named in full.
 */
const onlyHere = (git: string): string => `#!/bin/sh\ncase "$GIT_DIR" in /*) exec ${git} "$@" ;; esac\n`;

/** What a sandbox has besides, so that Git reads this configuration there. */
export function configurationIn(path: string, text: string): NonNullable<Sandbox['own']> {
  const git = gitProgram.find((one) => existsSync(one)) ?? 'git';
  const folder = gitPrograms.find((one) => existsSync(one)) ?? gitPrograms[0];
  return {
    files: [
      { path: `${common}/config`, text, mode: '0644' },
      { path: `${programs}/git`, text: onlyHere(git), mode: '0755' },
    ],
    links: [
      ...shared.map((name) => ({ path: `${common}/${name}`, target: `${gitFolder(path)}/${name}` })),
      ...scripts.map((name) => ({ path: `${programs}/${name}`, target: `${folder}/${name}` })),
    ],
  };
}

/** @param configuration `own`: the repository's file itself, which only commands get that read nothing but names from it, or change it */
export function repositoryEnvironment(path: string, configuration: 'own' | 'harmless'): Record<string, string> {
  return {
    GIT_DIR: gitFolder(path),
    // Set in both cases: a file of the repository could name another.
    GIT_COMMON_DIR: configuration === 'own' ? gitFolder(path) : common,
    ...(configuration === 'harmless' && { GIT_EXEC_PATH: programs }),
    GIT_WORK_TREE: workTree(path),
    // Goes before protocol.allow and what the repository says of single protocols: nothing is fetched by a local command.
    GIT_ALLOW_PROTOCOL: 'none',
  };
}
