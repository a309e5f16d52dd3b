/**
 * The folder of each execution, below its project's: what its runner writes (`bine`), what its program leaves (in it, `results`), its files
 * (`snapshot`), and those of them that were changed (`kept`).
 */
import { chown, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, openFolder } from './descriptors.ts';
import { keepChanged, markFilled } from './kept-files.ts';
import type { ExecutionFolders, ExecutionOf, ExecutionPaths } from '../../ports/run-archive.ts';
import { removeTree } from './remove-tree.ts';

/** @param root the folder with all projects' folders */
export function createExecutionFolders(root: string): ExecutionFolders {
  const all = (projectId: string) => join(root, projectId, 'executions');
  const pathsOf = ({ projectId, id }: ExecutionOf): ExecutionPaths => {
    const folder = join(all(projectId), id);
    return {
      bine: join(folder, 'bine'),
      results: join(folder, 'bine', 'results'),
      snapshot: join(folder, 'snapshot'),
      kept: join(folder, 'kept'),
    };
  };
  const markOf = ({ projectId, id }: ExecutionOf) => join(all(projectId), id, 'filled');
  const isRoot = process.geteuid?.() === 0;

  async function discard(projectId: string, names: string[]): Promise<void> {
    const directory = await openFolder(join(all(projectId), ...names.slice(0, -1))).catch(absent);
    if (!directory) return;
    await using _ = directory;
    // What programs left may be unreadable or deep.
    await removeTree({ directory, name: names.at(-1)! }, AbortSignal.timeout(10 * 60_000));
  }

  return {
    pathsOf,

    async create(execution, spec, owner) {
      const paths = pathsOf(execution);
      await mkdir(join(all(execution.projectId), execution.id), { recursive: true, mode: 0o700 });
      for (const path of [paths.bine, paths.results]) {
        await mkdir(path, { recursive: true, mode: 0o700 });
        if (isRoot) await chown(path, owner.uid, owner.gid);
      }
      const file = join(paths.bine, 'spec.json');
      const fresh = `${file}.new`;
      await rm(fresh, { force: true });
      await writeFile(fresh, JSON.stringify(spec), { flag: 'wx' });
      // Its runner reads it, whatever the gateway's umask is.
      if (isRoot) await chown(fresh, owner.uid, owner.gid);
      await rename(fresh, file);
      return paths;
    },

    remove: ({ projectId, id }) => discard(projectId, [id]),
    async removeFiles(execution) {
      await rm(markOf(execution), { force: true });
      await discard(execution.projectId, [execution.id, 'snapshot']);
    },
    markFilled: (execution) => markFilled(markOf(execution)),
    keepChanged(execution, limits) {
      const { snapshot: folder, kept: target } = pathsOf(execution);
      return keepChanged({ folder, target, mark: markOf(execution), ...limits });
    },

    async list(projectId) {
      return (await readdir(all(projectId)).catch(absent)) ?? [];
    },
  };
}

function absent(error: unknown): null {
  if (codeOf(error) === 'ENOENT') return null;
  throw error;
}
