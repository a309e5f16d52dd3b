/**
 * The folder of each execution, below its project's: what its runner writes (`bine`), what its program leaves (in it, `results`), its files
 * (`snapshot`), and those of them that were changed (`kept`).
 */
import { chown, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, openFolder } from './descriptors.ts';
import { keepChanged, markFilled } from './kept-files.ts';
import type { Keeping, Kept } from './kept-files.ts';
import type { Owner } from './copy-tree.ts';
import { removeTree } from './remove-tree.ts';

/** What the runner is told; images/supervisor/README.md has its fields. */
export type RunnerSpec = {
  kind: 'python' | 'notebook';
  python: string;
  /** Absolute, in the container. */
  path: string;
  cwd: string;
  arguments: string[];
  parameters: Record<string, unknown>;
  /** Seconds. */
  timeout: number | null;
  /** Absolute, in the container. */
  executed: string | null;
  /** Bytes that the log may take. */
  quota: number;
  /** What its log begins with. */
  warnings: string[];
};

export type ExecutionPaths = { bine: string; results: string; snapshot: string; kept: string };
export type ExecutionOf = { projectId: string; id: string };

export type ExecutionFolders = ReturnType<typeof createExecutionFolders>;

/** @param root the folder with all projects' folders */
export function createExecutionFolders(root: string) {
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

    /** Only for one whose program has not begun: afterwards, what is in the folder is the program's. @param owner who it runs as */
    async create(execution: ExecutionOf, spec: RunnerSpec, owner: Owner): Promise<ExecutionPaths> {
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

    /** For good. Only once no container has it mounted any more. */
    remove: ({ projectId, id }: ExecutionOf): Promise<void> => discard(projectId, [id]),
    /** The files it ran on; they can be had again from the snapshot. */
    async removeFiles(execution: ExecutionOf): Promise<void> {
      await rm(markOf(execution), { force: true });
      await discard(execution.projectId, [execution.id, 'snapshot']);
    },
    /** Its files are there, and its program has not begun. */
    markFilled: (execution: ExecutionOf): Promise<void> => markFilled(markOf(execution)),
    /** Takes what its program changed or made among its files out of them. Nothing where it had none, or they are gone. */
    keepChanged(execution: ExecutionOf, keeping: Pick<Keeping, 'given' | 'most'>): Promise<Kept> {
      const { snapshot: folder, kept: target } = pathsOf(execution);
      return keepChanged({ folder, target, mark: markOf(execution), ...keeping });
    },

    /** Ids of the project's executions that have a folder. */
    async list(projectId: string): Promise<string[]> {
      return (await readdir(all(projectId)).catch(absent)) ?? [];
    },
  };
}

function absent(error: unknown): null {
  if (codeOf(error) === 'ENOENT') return null;
  throw error;
}
