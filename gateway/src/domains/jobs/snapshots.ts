/** Snapshots: what a client sends to be run. A snapshot is a manifest, itself a content among the contents that it names. */
import type { SnapshotEntry } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { BlobUpload, ExecutionFolders, Layout, SnapshotStore } from '../../ports/run-archive.ts';
import type { ExecutionRecord } from '../../ports/state/executions.ts';
import { formatSize } from '../../lib/size.ts';
import { foldersAbove } from '../../lib/folders-above.ts';
import { createMutex } from '../../lib/mutex.ts';
import { createPause } from '../../lib/pause.ts';
import { parsePath } from '../files/path.ts';
import { parseManifest } from './manifest.ts';
import type { JobProjects } from './parts.ts';

export type Snapshots = ReturnType<typeof createSnapshots>;

export type SnapshotsParts = { store: SnapshotStore; folders: ExecutionFolders; projects: JobProjects };

type File = Extract<SnapshotEntry, { type: 'file' }>;

/** Of what one execution changes in its folder. */
const mostKept = { files: 10_000, bytes: 5 * 2 ** 30 };
const largestManifest = 64 * 2 ** 20;
const mostFolders = 200_000;
const leaveOut = "Leave out what the job doesn't need.";
/** Contents that were just sent are kept so long, also while no execution needs them yet. */
const day = 24 * 3_600_000;

export function createSnapshots({ store, folders, projects }: SnapshotsParts) {
  // What is being named is not forgotten at the same moment.
  const oneAtATime = createMutex();

  async function entriesOf(projectId: string, snapshot: string): Promise<SnapshotEntry[]> {
    const bytes = await store.read(projectId, snapshot, largestManifest);
    if (bytes === null) throw gone(snapshot);
    return parseManifest(bytes);
  }

  async function filesOf({ projectId, inputs }: ExecutionRecord): Promise<Map<string, File>> {
    const entries = inputs.snapshot === null ? [] : await entriesOf(projectId, inputs.snapshot);
    return new Map(entries.flatMap((entry) => (entry.type === 'file' ? [[entry.path, entry] as const] : [])));
  }

  return {
    /** true: it was new. */
    async putBlob(projectName: string, digest: string, upload: BlobUpload): Promise<boolean> {
      const { id } = await projects.folder(projectName);
      return store.put(id, digest, upload);
    },

    create: (projectName: string, manifest: string): Promise<{ snapshot: string | null; missing: string[] }> =>
      oneAtATime(async () => {
        const { id } = await projects.folder(projectName);
        if ((await store.missing(id, [manifest])).length > 0) return { snapshot: null, missing: [manifest] };
        const entries = await entriesOf(id, manifest);
        await refuseImpossible(entries);
        const missing = await store.missing(
          id,
          entries.flatMap((entry) => (entry.type === 'file' ? [entry.sha256] : [])),
        );
        if (missing.length > 0) return { snapshot: null, missing };
        await store.name(id, manifest);
        return { snapshot: manifest, missing: [] };
      }),

    /** @throws Problem `invalid` unless there is such a snapshot with such a file */
    async check(projectId: string, snapshot: string, path: string): Promise<void> {
      if (!(await store.isNamed(projectId, snapshot))) throw gone(snapshot);
      fileIn(await entriesOf(projectId, snapshot), path);
    },

    /** Lays out the files for an execution that has not begun. @returns the digest of its program */
    async materialise(record: ExecutionRecord, snapshot: string, { owner, signal }: Omit<Layout, 'target'>): Promise<string> {
      const entries = await entriesOf(record.projectId, snapshot);
      // What a launch that was cut off had begun.
      await folders.removeFiles(record);
      await store.materialise(record.projectId, entries, { target: folders.pathsOf(record).snapshot, owner, signal });
      await folders.markFilled(record);
      return fileIn(entries, record.inputs.path).sha256;
    },

    /** What its program changed or made among its files becomes results. @returns what could not, in a sentence */
    async keepChanged(record: ExecutionRecord): Promise<string | null> {
      if (record.inputs.snapshot === null) return null;
      const { left } = await folders.keepChanged(record, { given: await filesOf(record), most: mostKept });
      if (left.files === 0) return null;
      const what = left.files === 1 ? '1 file' : `${left.files} files`;
      return (
        `${what} that it wrote into its folder (${formatSize(left.bytes)}) could not be kept: of an execution, ${mostKept.files} files and ` +
        `${formatSize(mostKept.bytes)} are, and names must be valid UTF-8. Write large results to $BINE_RESULTS, which has no such limit.`
      );
    },

    /** The files that it was given, by path; none for one that ran on those of the project. */
    filesOf,

    /** Forgets what none of the `used` snapshots needs. */
    prune: (projectId: string, used: Iterable<string>): Promise<void> =>
      oneAtATime(async () => {
        const snapshots = new Set(used);
        const contents = new Set<string>();
        for (const snapshot of [...snapshots, ...(await store.listNamed(projectId))]) {
          contents.add(snapshot);
          for (const entry of await entriesOf(projectId, snapshot).catch(noEntries)) if (entry.type === 'file') contents.add(entry.sha256);
        }
        await store.prune(projectId, { snapshots, contents, before: Date.now() - day });
      }),
  };
}

/** Of a snapshot that is gone or no manifest, nothing is needed. While one cannot be read, what it needs is not known, and nothing is forgotten. */
function noEntries(error: unknown): SnapshotEntry[] {
  if (error instanceof Problem) return [];
  throw error;
}

/** Paths that leave the folder, that two entries want, or that need folders without end. */
async function refuseImpossible(entries: readonly SnapshotEntry[]): Promise<void> {
  const files = new Set<string>();
  const folders = new Set<string>();
  const pause = createPause();
  for (const { path, type } of entries) {
    parsePath(path, 'manifest');
    for (const folder of foldersAbove(path, folders)) folders.add(folder);
    if (type === 'directory') folders.add(path);
    else if (files.has(path)) throw twice(path);
    else files.add(path);
    if (folders.size > mostFolders) throw new Problem('too-large', `The manifest needs more than ${mostFolders} folders. ${leaveOut}`);
    await pause();
  }
  for (const path of files) {
    if (folders.has(path)) throw twice(path);
    await pause();
  }
}

function fileIn(entries: readonly SnapshotEntry[], path: string): File {
  const entry = entries.find((one) => one.path === path);
  if (entry?.type === 'file') return entry;
  throw new Problem('invalid', `The snapshot has no file ${JSON.stringify(path)}. Send one that contains the program.`, {
    fields: [{ field: 'snapshot', problem: `no file ${JSON.stringify(path)} in it` }],
  });
}

const twice = (path: string): Problem =>
  new Problem('invalid', `The manifest names ${JSON.stringify(path)} more than once.`, {
    fields: [{ field: 'manifest', problem: `${path} twice` }],
  });

const gone = (snapshot: string): Problem =>
  new Problem('invalid', `There is no snapshot ${snapshot} in this project any more. Create a new one.`, {
    fields: [{ field: 'snapshot', problem: 'there is no such snapshot' }],
  });
