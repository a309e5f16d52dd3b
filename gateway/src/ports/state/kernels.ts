/** What is remembered of kernels, of those that have ended too. */
import type { KernelState, SecretUse } from '@bine/shared';

/** Times are ISO 8601 in UTC. */
export type KernelRecord = {
  id: string;
  projectId: string;
  /** By its name, which may change; see `renameEnvironment`. */
  environment: string;
  /** Whose packages it has; null: of a bundled environment, or not started yet. */
  revision: number | null;
  /** Revisions of which it may have some packages besides: it was being brought there. */
  parts: readonly number[];
  /** Path in the project; null: it belongs to none. */
  notebook: string | null;
  /** Who started it. */
  user: string;
  /** MiB. */
  memory: number;
  cores: number;
  /** How many, not which. */
  gpus: number;
  secrets: readonly SecretUse[];
  /** Of its secrets, some are its user's. */
  private: boolean;
  state: KernelState;
  /** Why it died or stopped, for a person to read. */
  cause: string | null;
  started: string;
  lastActivity: string;
  /** Grows by one with each start of the kernel's process. */
  epoch: number;
  /** Sequence number of the last record in its log. */
  head: number;
};

export type KernelRows = {
  /** null: there is none of that id. */
  get(id: string): Promise<KernelRecord | null>;
  /** Newest first; without `ended`, not those that were stopped. */
  ofProject(projectId: string, options: { ended: boolean }): Promise<KernelRecord[]>;
  /** Neither dead nor stopped, of all projects; newest first. */
  unended(): Promise<KernelRecord[]>;
  /** Dead or stopped, of all projects; newest first. */
  ended(): Promise<KernelRecord[]>;
  /** Adds it, or overwrites what is known of it. */
  save(record: KernelRecord): Promise<void>;
  /** The environment has another name. */
  renameEnvironment(projectId: string, from: string, to: string): Promise<void>;
  remove(id: string): Promise<void>;
};
