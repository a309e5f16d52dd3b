/**
 * Where projects keep their files. What is in them is the business of the disk. The paths are those of the gateway's machine: a handle
 * is to take their place.
 */
import type { Owner } from '../accounts.ts';

/** Absolute paths on the gateway's machine. */
export type ProjectPaths = {
  /** Mounted into the project's containers. */
  files: string;
  /** For deleted files; mounted nowhere. */
  bin: string;
};

export type Folders = {
  /** Whether they are there or not. */
  of(id: string): ProjectPaths;
  /** Unless they are there. @param owner who the project's containers run as */
  create(id: string, owner: Owner): Promise<void>;
  /** Gives all that is in them to the owner. Only while no container has them mounted. */
  give(id: string, owner: Owner): Promise<void>;
  /** For good. It is out of sight at once; what a crash leaves of it goes when it is erased again. */
  erase(id: string): Promise<void>;
};
