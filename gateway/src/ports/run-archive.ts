/**
 * What outlives a run: the files that an execution runs on and leaves, and the log and journal of a kernel. Paths are the host's and absolute;
 * opaque handles are to take their place.
 */
import type { SnapshotEntry } from '@bine/shared';
import type { Owner } from './accounts.ts';
import type { RunnerSpec } from './job-agent.ts';

/** `id`: the execution's. */
export type ExecutionOf = { projectId: string; id: string };

/** `bine`: what its runner writes. `results`: what its program leaves. `snapshot`: its files. `kept`: those of them that were changed. */
export type ExecutionPaths = { bine: string; results: string; snapshot: string; kept: string };

export type KeptLimits = {
  /** What the program was given, by path. `sha256`: lower-case hex. `size`: bytes. */
  given: ReadonlyMap<string, { sha256: string; size: number }>;
  /** What may be kept at most. */
  most: { files: number; bytes: number };
};

/** `left`: what there was besides, beyond the limits or without a name that a path could say. */
export type Kept = { files: number; bytes: number; left: { files: number; bytes: number } };

/** The folder of each execution, below its project's. */
export type ExecutionFolders = {
  pathsOf(execution: ExecutionOf): ExecutionPaths;
  /** Only for one whose program has not begun: afterwards, what is in the folder is the program's. @param owner who it runs as */
  create(execution: ExecutionOf, spec: RunnerSpec, owner: Owner): Promise<ExecutionPaths>;
  /** For good. Only once no container has it mounted any more. */
  remove(execution: ExecutionOf): Promise<void>;
  /** The files it ran on; they can be had again from the snapshot. */
  removeFiles(execution: ExecutionOf): Promise<void>;
  /** Its files are there, and its program has not begun. */
  markFilled(execution: ExecutionOf): Promise<void>;
  /** Takes what its program changed or made among its files out of them. Nothing where it had none, or they are gone. Called again, it goes on. */
  keepChanged(execution: ExecutionOf, limits: KeptLimits): Promise<Kept>;
  /** Ids of the project's executions that have a folder. */
  list(projectId: string): Promise<string[]>;
};

export type BlobUpload = { body: AsyncIterable<Uint8Array>; signal: AbortSignal };

/** What an execution gets: files in a new folder `target`, as the `owner` has them who it runs as. */
export type Layout = { target: string; owner: Owner; signal: AbortSignal };

/** `before`: milliseconds since 1970. */
export type Pruning = { snapshots: Set<string>; contents: Set<string>; before: number };

/**
 * Files by their content, for executions to run on: each content once in a project, under its SHA-256 in lower-case hex. What an execution gets
 * are copies; of them it may do what it likes.
 */
export type SnapshotStore = {
  /** All bytes or none. false: they are there already. @throws Problem `invalid` when the bytes have another digest */
  put(projectId: string, digest: string, upload: BlobUpload): Promise<boolean>;
  /** Those of the digests that are not there. The others are kept for a day, also if nothing needs them. */
  missing(projectId: string, digests: Iterable<string>): Promise<string[]>;
  /** null: it is not there. @param most bytes @throws Problem `too-large` */
  read(projectId: string, digest: string, most: number): Promise<Buffer | null>;
  /** From now on the manifest of that digest is a snapshot. */
  name(projectId: string, digest: string): Promise<void>;
  isNamed(projectId: string, digest: string): Promise<boolean>;
  listNamed(projectId: string): Promise<string[]>;
  /** Folders that only paths name are made, too. */
  materialise(projectId: string, entries: readonly SnapshotEntry[], layout: Layout): Promise<void>;
  /** Forgets snapshots that are not in `snapshots` and contents that are not in `contents`, unless they were used after `before`. */
  prune(projectId: string, kept: Pruning): Promise<void>;
};

/** The folder of each kernel: its log, its journal, its supervisor's socket. Its container can write in it, nobody else's. */
export type KernelFolders = {
  pathOf(id: string): string;
  /** Makes it unless it is there. @param owner who the kernel runs as @returns its path */
  create(id: string, owner: Owner): Promise<string>;
  /** Gives all in it to its owner. Only while no container has it mounted. */
  give(id: string, owner: Owner): Promise<void>;
  /** For good. Only once no container has it mounted any more. */
  remove(id: string): Promise<void>;
  /** Bytes in it. 0 if there is none. */
  size(id: string): Promise<number>;
};
