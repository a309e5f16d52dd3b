/**
 * The files of projects, whose programs nobody trusts. Nothing here reaches outside of a project's folder, however the names in it are
 * linked, or swapped while a call runs.
 *
 * What the file system refuses is a Problem: `not-found`, `already-exists`, `conflict`, `path-refused` for what may not be touched or leads
 * out of the project, `no-space`, `too-large`, `cancelled`, `timeout`.
 */
import type { Owner } from './accounts.ts';
import type { TreeListener, TreeWatch } from './file-changes.ts';

/** A path, split at its slashes; empty for the project's folder itself. */
export type Names = readonly string[];

export type EntryType = 'file' | 'directory' | 'symlink' | 'other';

export type Entry = {
  type: EntryType;
  /** Bytes; 0 of anything but a file. */
  size: number;
  /** Milliseconds since 1970. */
  created: number;
  /** Milliseconds since 1970. */
  modified: number;
  /** Differs whenever the content may differ. */
  version: string;
  /** Reached through a link. */
  link: boolean;
  /** A file that can be run as a program. */
  executable: boolean;
};

export type NamedEntry = Entry & { name: string };

/** Names after this one, so many at most. */
export type Page = { after?: string | undefined; limit: number };

/** `next`: the name after which there is more. `total`: of all names in the folder. */
export type ListedPage = { entries: NamedEntry[]; next: string | null; total: number };

/** `bytesRead`: how many have been read so far. */
export type ByteStream = AsyncIterable<Uint8Array> & { readonly bytesRead: number };

/** An open file; what is read is what was described, whatever its path means by then. */
export type Content = {
  entry: Entry;
  /** Bytes from `start` to and including `end`; all without them. The content must live until the stream has ended. */
  stream(range?: { start: number; end: number }): ByteStream;
  [Symbol.asyncDispose](): Promise<void>;
};

export type Upload = {
  body: AsyncIterable<Uint8Array>;
  /** Bytes to come, where the sender said so: more than the disk has left are refused before the first one. */
  length?: number | undefined;
  signal: AbortSignal;
};

export type Write = Upload & {
  /** Throws where what is there now (null: nothing) must not be replaced; asked before the upload and again after it. */
  accept(current: Entry | null): void;
  /** Default: as what is replaced, else not. */
  executable?: boolean | undefined;
};

/** `overwrite`: what is at `to` may be replaced; a folder that is goes to the bin. */
export type FromTo = { from: Names; to: Names; overwrite: boolean };

/** Something in the bin. `path`: where it was. `deleted`: milliseconds since 1970. */
export type Binned = { id: string; path: string; deleted: number; type: EntryType };

/** A folder that no program of the project sees, for what is made bit by bit and then put in place at once. */
export type StagedFolder = {
  /** Absolute, on the host; it belongs to the owner of the files. */
  path: string;
  /** Moves what is in it under that name to a place of the project. @throws Problem `already-exists` */
  install(name: string, to: Names, signal: AbortSignal): Promise<void>;
  /** Deletes it, with all that is left in it. */
  [Symbol.asyncDispose](): Promise<void>;
};

/** What can be done with the files of one project. */
export type Folder = {
  /** Without names that are no valid UTF-8, which no path could say. @throws Problem `too-large` for a folder with too many names */
  list(names: Names): Promise<NamedEntry[]>;
  /** In the order of UTF-16 code units: a page begins where the one before ended, whatever came and went meanwhile. */
  listPage(names: Names, page: Page): Promise<ListedPage>;
  /** Of what a link leads to, where that is in the project, else of the link. */
  stat(names: Names): Promise<Entry>;
  /** With its parents; one that is there already is left as it is. */
  mkdir(names: Names): Promise<Entry>;
  /** A file, a link to one included. */
  open(names: Names): Promise<Content>;
  /** All bytes or none; a link is followed, so that what it leads to is written. */
  write(names: Names, upload: Write): Promise<Entry>;
  rename(move: FromTo, signal: AbortSignal): Promise<Entry>;
  /** Links as links, so that nothing from elsewhere comes along. It appears whole. */
  copy(copy: FromTo, signal: AbortSignal): Promise<Entry>;
  /** @returns its id in the bin */
  putAway(names: Names, signal: AbortSignal): Promise<string>;
  /** Past the bin. */
  discard(names: Names, signal: AbortSignal): Promise<void>;
  /** The newest first. */
  listBin(): Promise<Binned[]>;
  findBinned(id: string): Promise<Binned>;
  /** With the folders above it. */
  restore(id: string, to: Names, signal: AbortSignal): Promise<Entry>;
  emptyBin(signal: AbortSignal): Promise<void>;
  /** For a tree that is seen once it is whole. What an earlier start of the gateway left half done goes at the first call. */
  stage(): Promise<StagedFolder>;
};

/**
 * Absolute paths of the host on one disk: what containers see, and beside it what they don't; and to whom all of it belongs. An opaque
 * handle is to take its place.
 */
export type FolderPaths = { files: string; bin: string; owner: Owner };

export type Disk = {
  /** Nothing is looked at before the first call. Who writes at the same place takes turns, also through different folders of this disk. */
  folder(paths: FolderPaths): Folder;
  /** The folder and all below it, following no link. @param files as in {@link FolderPaths} */
  watch(files: string, listener: TreeListener): TreeWatch;
  [Symbol.asyncDispose](): Promise<void>;
};

/**
 * Bytes of the disk that all of them take together: a file with several names counts once, a link is not followed, and what is not there
 * takes nothing. @param paths absolute, on the host @throws Problem `timeout` when `signal` ends it, `internal` when it cannot be measured
 */
export type MeasureDisk = (paths: readonly string[], signal: AbortSignal) => Promise<number>;
