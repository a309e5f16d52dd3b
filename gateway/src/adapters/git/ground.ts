/** What is done around repositories: found, begun, freed of what a Git that was killed has left. */
import { failureOf } from './failures.ts';
import type { Files, Ground } from '../../ports/git/repository.ts';
import { refuseElsewhere } from './real-repository.ts';
import { run } from './run.ts';
import type { Output } from './run.ts';
import { inProject } from './sandbox.ts';
import { always, environmentOf } from './settings.ts';

const seconds = 1000;
const mostRepositories = 100;

type Start = Files & { folder: string; program: string[]; signal: AbortSignal };

export function createGround(): Ground {
  const start = ({ files, owner, folder, program, signal }: Start): Promise<Output> =>
    run({
      sandbox: inProject(files, folder),
      user: owner,
      program,
      environment: environmentOf(always, null),
      most: 1024 * 1024,
      signal: AbortSignal.any([signal, AbortSignal.timeout(60 * seconds)]),
    });
  return {
    async find(project, signal) {
      const { stdout } = await start({ ...project, folder: '', program: ['find', '.', ...findRepositories], signal });
      const paths = stdout.toString().split('\0').slice(0, -1);
      const found = paths.map((path) => path.replace(/^\.\//, '').replace(/\/?\.git$/, ''));
      return found.sort().slice(0, mostRepositories);
    },
    async init(where, signal) {
      const program = ['git', 'init', '--quiet', '--template=', '--initial-branch=main', `./${where.path}`];
      const { code, stderr } = await start({ ...where, folder: '', program, signal });
      if (code !== 0) throw failureOf('begin a repository', stderr);
    },
    async unlock(where, since, signal) {
      await refuseElsewhere(where);
      await start({ ...where, folder: `${where.path}/.git`, program: ['find', '.', ...findLeftovers(since)], signal });
    },
  };
}

/** Four folders deep; programs' own folders are full of what is no project of anybody's. */
const pruned = ['.?*', 'node_modules', '__pycache__'].flatMap((name) => ['-o', '-name', name, '-prune']);
const findRepositories = ['-maxdepth', '5', '-type', 'd', '(', '-name', '.git', '-print0', '-prune', ...pruned, ')'];

/** Of transfers and of commands: locks, and objects that were not whole. */
function findLeftovers(since: number | null): string[] {
  // A file system's clock may be some milliseconds behind.
  const newer = since === null ? [] : ['-newerct', new Date(since - 50).toISOString().replace('T', ' ').replace('Z', ' UTC')];
  const locks = ['-name', '*.lock', '-o', '-name', 'next-index-*'];
  const objects = ['-path', './objects/*', '(', '-name', 'tmp_*', '-o', '-name', '.tmp-*', '-o', '-path', './objects/tmp_objdir-*', ')'];
  return ['-depth', '(', ...locks, '-o', ...objects, ')', ...newer, '-delete'];
}
