/** What runs for users, wherever a backend runs it: kernels of notebooks and executions of jobs. */

import type { Owner } from './accounts.ts';

export type WorkloadRole = 'kernel' | 'execution';

/**
 * Files that a workload sees at `path`, absolute, in its own file system. `source` is a handle that the file store gave out (today a path of
 * the gateway's host, which only adapters take apart).
 */
export type FileGrant = { source: string; path: string; readOnly?: boolean };

/** `memory` in MiB, shared memory included. */
export type WorkloadLimits = { cores: number; memory: number };

export type WorkloadSpec = {
  role: WorkloadRole;
  /** Letters, digits, `-`; unique among all workloads that there ever were. */
  name: string;
  projectId: string;
  /** What `list` tells of it again when all else is lost. Names of letters and digits. */
  facts: Readonly<Record<string, string>>;
  /** As the image port refers to it. */
  image: string;
  command: readonly string[];
  workingDirectory: string;
  /** Whom its programs run as. */
  owner: Owner;
  environment: Readonly<Record<string, string>>;
  files: readonly FileGrant[];
  limits: WorkloadLimits;
  /** Ids of the GPUs that are its own. */
  gpus: readonly string[];
  /** project: it reaches the others of its project. isolated: it reaches none. */
  network: 'project' | 'isolated';
};

/** How a backend finds a workload again; opaque to everybody else. */
export type WorkloadRef = string;

export type WorkloadSummary = {
  projectId: string;
  ref: WorkloadRef;
  facts: Readonly<Record<string, string>>;
  /** Ids of the GPUs that are its own. */
  gpus: readonly string[];
  running: boolean;
};

/** Why a workload is over. `exitCode` as a shell has it, 128 + n for the signal n. */
export type EndReason =
  | { type: 'exited'; exitCode: number }
  | { type: 'signalled'; signal: string; exitCode: number }
  | { type: 'out-of-memory'; exitCode: number }
  /** It never ran; `detail` in the backend's words. */
  | { type: 'not-started'; detail: string }
  /** Nothing is left of it: something other than Bine has removed it. */
  | { type: 'removed' };

/** `begun`: it runs, or did. `end` null: it is not over. */
export type WorkloadStatus = { begun: boolean; end: EndReason | null; imageId: string | null };

/** What a backend has for workloads; `memory` in MiB. */
export type Capacity = { cores: number; memory: number; gpus: number };

export type LaunchOptions = {
  /** Called before it starts, so that whoever gives up knows what to remove. */
  onCreated?: (ref: WorkloadRef) => void;
  signal: AbortSignal;
};

/**
 * Everything may throw the Problem `engine-unavailable` while the backend is away, unless it says otherwise.
 */
export type Compute = {
  /**
   * Starts it. One that an earlier call has made, maybe of another gateway process, is taken as it is.
   * @returns when it has started. @throws Problem; AbortError, after which it may be there unless it is removed
   */
  launch(spec: WorkloadSpec, options: LaunchOptions): Promise<WorkloadRef>;
  /** The ref that `launch` gives for this name. */
  refOf(role: WorkloadRole, name: string): WorkloadRef;
  /** This gateway's, running and ended ones. */
  list(role: WorkloadRole, signal?: AbortSignal): Promise<WorkloadSummary[]>;
  /** At the gateway's start, once all that `list` tells of was adopted or removed: what nobody needs any more goes. */
  tidy(signal: AbortSignal): Promise<void>;
  /** It runs and is this gateway process's from now on. */
  adopt(ref: WorkloadRef, projectId: string, signal: AbortSignal): Promise<void>;
  status(ref: WorkloadRef, signal?: AbortSignal): Promise<WorkloadStatus>;
  /** Waits until it is over, also while the backend is away. @throws the signal's reason */
  untilOver(ref: WorkloadRef, signal: AbortSignal): Promise<EndReason>;
  /** Asks it to end, or makes it. Nothing where it is over. */
  end(ref: WorkloadRef, how: 'terminate' | 'kill'): Promise<void>;
  /** Has it say in its log that its project is over its disk quota. */
  warnOfQuota(ref: WorkloadRef): Promise<void>;
  /** With what it wrote outside of its file grants. Nothing where it is gone. */
  remove(ref: WorkloadRef): Promise<void>;
  /** The last lines that it printed itself, not through the agent. */
  lastLines(ref: WorkloadRef, count: number, signal: AbortSignal): Promise<string[]>;
  /** Bytes that the project's workloads wrote outside of their file grants. May take minutes. */
  written(projectId: string, signal: AbortSignal): Promise<number>;
  /** The id of the image's contents; null: there is none of that name. */
  imageId(image: string, signal?: AbortSignal): Promise<string | null>;
  capacity(signal?: AbortSignal): Promise<Capacity>;
  /** For people. */
  describe(signal?: AbortSignal): Promise<{ name: string; version: string }>;
};
