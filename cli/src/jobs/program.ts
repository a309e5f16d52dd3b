/** The program that the user names: a file of this machine with the folder it belongs to, or one of a project. */
import { execFile } from 'node:child_process';
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { promisify } from 'node:util';
import { ifThere } from '@bine/client/node/if-there';
import { Problem } from '@bine/shared/problems';
import { parseRemote } from '../project-files.ts';

export type NamedProgram = { project: string; path: string; local: { root: string; git: Git | null } | null };
export type Git = { commit: string; dirty: boolean };

/** A file of a Git repository takes the repository along, any other one its folder. @throws Problem */
export async function findProgram(file: string, project: string | undefined, signal: AbortSignal): Promise<NamedProgram> {
  const remote = parseRemote(file);
  if (remote) {
    if (project && project !== remote.project) {
      throw new Problem('invalid', `${file} is in the project ${remote.project}, and --project says ${project}.`);
    }
    return { ...remote, local: null };
  }
  if (!project) throw new Problem('invalid', `Say in which project with --project, or name a file of one as PROJECT:${basename(file)}.`);
  const full = resolve(file);
  const found = await ifThere(stat(full));
  if (!found?.isFile()) throw new Problem('not-found', `There is no file ${file} on this machine. One of a project is PROJECT:PATH.`);
  // Git names the folder where it really is, however it was reached.
  const folder = await realpath(dirname(full));
  const root = (await git(folder, ['rev-parse', '--show-toplevel'], signal)) ?? folder;
  return {
    project,
    path: relative(root, join(folder, basename(full)))
      .split(sep)
      .join('/'),
    local: { root, git: await gitState(root, signal) },
  };
}

async function gitState(root: string, signal: AbortSignal): Promise<Git | null> {
  const commit = await git(root, ['rev-parse', '--verify', '-q', 'HEAD'], signal);
  if (!commit) return null;
  return { commit, dirty: (await git(root, ['status', '--porcelain'], signal)) !== '' };
}

const execute = promisify(execFile);
/** Of what Git prints: a line for each changed file. */
const mostBytes = 2 ** 28;

/** null: there is no git, no repository, or no commit in it. @throws Problem with Git's words when it cannot tell */
async function git(cwd: string, words: readonly string[], signal: AbortSignal): Promise<string | null> {
  const env = { ...process.env, LC_ALL: 'C' };
  try {
    const { stdout } = await execute('git', ['-C', cwd, ...words], { env, signal, maxBuffer: mostBytes });
    return stdout.trim();
  } catch (cause) {
    signal.throwIfAborted();
    const { code, stderr = '', message } = cause as Error & { code?: string | number; stderr?: string };
    if (code === 'ENOENT' || code === 1 || stderr.includes('not a git repository')) return null;
    throw new Problem('git-failed', `Git cannot tell what ${cwd} is part of: ${stderr.trim() || message}`, { cause });
  }
}
