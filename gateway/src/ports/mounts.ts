/** Still a path of the host: grants of files, which every backend of containers can give in its own way, are to take its place. */

/** A file or folder that a container sees and cannot change. `source`: absolute, on the host. `target`: absolute, in the container. */
export type ReadOnlyMount = { source: string; target: string; readOnly: true };
