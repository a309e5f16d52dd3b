/**
 * The files of projects: what may be done, in the user's terms. How it is done safely is the disk's.
 *
 * No operation follows a link out of the project, whoever planted it and whenever: reading, writing, listing, describing, making,
 * renaming or copying through one is refused by its path. A link that is itself copied, renamed or deleted, alone or in a folder, stays a
 * link, as `cp -a` has it. Devices, pipes and sockets can be listed and deleted; copying or moving one is refused, and a
 * copied folder comes without those in it.
 */
import type { BinnedFile, FileList, FileStat } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { ByteStream, Disk, Entry, Folder, FolderPaths, FromTo as SplitFromTo, Page } from '../../ports/files.ts';
import { createFeeds } from './changes.ts';
import type { FeedsOptions, NumberedChange, Subscription } from './changes.ts';
import { parsePath } from './path.ts';

export type ProjectFolders = {
  /** @throws Problem not-found */
  folder(project: string): Promise<FolderPaths & { id: string }>;
};

type At = { project: string; path: string };
type FromTo = { project: string; from: string; to: string; overwrite: boolean };

/** What must be true of a file for it to be written: `etags` that it has one of, `any` file at all, or none. */
export type Condition = { match?: Tags | undefined; noneMatch?: Tags | undefined };
export type Tags = 'any' | readonly string[];

export type OpenFile = {
  stat: FileStat;
  /** Bytes from `start` to and including `end`; all without them. */
  stream(range?: { start: number; end: number }): ByteStream;
  [Symbol.asyncDispose](): Promise<void>;
};

export type Writing = {
  body: AsyncIterable<Uint8Array>;
  /** Bytes to come, where the sender said so. */
  length?: number | undefined;
  condition: Condition;
  executable?: boolean | undefined;
  signal: AbortSignal;
};

export type Files = {
  list(page: At & Page): Promise<FileList>;
  stat(at: At): Promise<FileStat>;
  mkdir(at: At): Promise<FileStat>;
  rename(move: FromTo, signal?: AbortSignal): Promise<FileStat>;
  copy(copy: FromTo, signal?: AbortSignal): Promise<FileStat>;
  delete(at: At & { forever: boolean }, signal?: AbortSignal): Promise<{ bin: string | null }>;
  listBin(project: string): Promise<BinnedFile[]>;
  restore(binned: { project: string; id: string }, signal?: AbortSignal): Promise<FileStat>;
  emptyBin(project: string, signal?: AbortSignal): Promise<void>;
  /** The caller closes it. */
  read(at: At): Promise<OpenFile>;
  /** All bytes or none. @throws Problem changed when the condition is not met, before or after the upload */
  write(at: At, writing: Writing): Promise<FileStat>;
  watch(project: string, subscription: Subscription): AsyncGenerator<NumberedChange>;
  [Symbol.asyncDispose](): Promise<void>;
};

export type FilesOptions = { disk: Disk; projects: ProjectFolders } & Pick<FeedsOptions, 'linger'>;

export function createFiles({ disk, projects, ...options }: FilesOptions): Files {
  const feeds = createFeeds({ watch: (files, listener) => disk.watch(files, listener), ...options });
  const folderOf = async (project: string) => disk.folder(await projects.folder(project));

  return {
    list: (page) => list(folderOf, page),
    stat: async ({ project, path }) => toStat(path, await (await folderOf(project)).stat(parsePath(path))),
    mkdir: async ({ project, path }) => toStat(path, await (await folderOf(project)).mkdir(parsePath(path))),
    rename: async (move, signal) => toStat(move.to, await (await folderOf(move.project)).rename(split(move), within(signal))),
    copy: async (copy, signal) => toStat(copy.to, await (await folderOf(copy.project)).copy(split(copy), within(signal))),
    async delete({ project, path, forever }, signal) {
      const names = parsePath(path);
      const folder = await folderOf(project);
      if (!forever) return { bin: await folder.putAway(names, within(signal)) };
      await folder.discard(names, within(signal));
      return { bin: null };
    },
    async listBin(project) {
      const binned = await (await folderOf(project)).listBin();
      return binned.map(({ deleted, ...rest }) => ({ ...rest, deleted: toTime(deleted) }));
    },
    async restore({ project, id }, signal) {
      const folder = await folderOf(project);
      const { path } = await folder.findBinned(id);
      return toStat(path, await folder.restore(id, parsePath(path), within(signal)));
    },
    emptyBin: async (project, signal) => (await folderOf(project)).emptyBin(within(signal)),
    read: (at) => read(folderOf, at),
    write: (at, writing) => write(folderOf, at, writing),
    async *watch(project, subscription) {
      yield* feeds.subscribe(await projects.folder(project), subscription);
    },
    [Symbol.asyncDispose]: () => feeds[Symbol.asyncDispose](),
  };
}

type FolderOf = (project: string) => Promise<Folder>;

async function list(folderOf: FolderOf, { project, path, ...page }: At & Page): Promise<FileList> {
  const { entries, ...rest } = await (await folderOf(project)).listPage(parsePath(path), page);
  const prefix = path === '' ? '' : `${path}/`;
  const named = entries.filter(({ name }) => prefix.length + name.length <= longestPath);
  return { entries: named.map((entry) => toStat(`${prefix}${entry.name}`, entry)), ...rest };
}

async function read(folderOf: FolderOf, { project, path }: At): Promise<OpenFile> {
  return openFile(await folderOf(project), path);
}

/** The caller closes it. */
export async function openFile(folder: Folder, path: string): Promise<OpenFile> {
  const content = await folder.open(parsePath(path));
  return {
    stat: toStat(path, content.entry),
    stream: (range) => content.stream(range),
    [Symbol.asyncDispose]: () => content[Symbol.asyncDispose](),
  };
}

async function write(folderOf: FolderOf, { project, path }: At, { condition, ...upload }: Writing): Promise<FileStat> {
  const names = parsePath(path);
  const folder = await folderOf(project);
  const accept = (current: Entry | null) => check(path, condition, current);
  return toStat(path, await folder.write(names, { ...upload, accept }));
}

function check(path: string, { match, noneMatch }: Condition, current: Entry | null): void {
  const has = (tags: Tags) => current !== null && (tags === 'any' || tags.includes(current.version));
  const why = match && !has(match) ? (current ? 'has changed' : 'was deleted') : noneMatch && has(noneMatch) ? 'exists by now' : null;
  if (why === null) return;
  throw new Problem(
    'changed',
    `${JSON.stringify(path)} ${why} since you read it. Read it again and decide what to keep; nothing was written.`,
  );
}

const split = ({ from, to, overwrite }: FromTo): SplitFromTo => ({ from: parsePath(from, 'from'), to: parsePath(to, 'to'), overwrite });

/** The contract's longest path; what is deeper can't be named, so it is not listed. */
const longestPath = 4096;
/** Milliseconds; above what any folder takes that a person waits for. */
const deadline = 3600 * 1000;

function within(signal?: AbortSignal): AbortSignal {
  const late = AbortSignal.timeout(deadline);
  return signal ? AbortSignal.any([signal, late]) : late;
}

function toStat(path: string, entry: Entry): FileStat {
  return {
    path,
    type: entry.type,
    size: entry.size,
    created: toTime(entry.created),
    modified: toTime(entry.modified),
    etag: entry.version,
    ...(entry.executable && { executable: true }),
    ...(entry.link && { link: true }),
  };
}

const earliest = Date.parse('0000-01-01T00:00:00.000Z');
const latest = Date.parse('9999-12-31T23:59:59.999Z');

/** A program can give its files any time, also one that no date can say. */
const toTime = (milliseconds: number): string => new Date(Math.min(Math.max(milliseconds, earliest), latest)).toISOString();
