/** Packages: what is in an image, and what an index has. */
import type { ReadOnlyMount } from './mounts.ts';

/**
 * A package as it was found in an image. `from`: the URL of its repository and commit, or the URL or name of its wheel; null: the index.
 * `hashes`: as pip writes them, such as `sha256:…`; none where nobody tells any.
 */
export type ImagePackage = { name: string; version: string; source: 'index' | 'git' | 'wheel'; from: string | null; hashes: string[] };

/** `versions`: those that were not withdrawn, the newest first. */
export type IndexPackage = { name: string; versions: string[]; summary: string | null };

export type PackageIndex = {
  /** By its exact name. null: the index has no package of that name. @throws Problem `index-unavailable` */
  find(name: string, signal: AbortSignal): Promise<IndexPackage | null>;
};

/** The way of builds to indexes and proxies that want a password, which they don't get to know. */
export type PackageRelay = {
  /** Settings for uv in a container that has the mounts. */
  environment: Record<string, string>;
  mounts: ReadOnlyMount[];
  [Symbol.asyncDispose](): Promise<void>;
};
