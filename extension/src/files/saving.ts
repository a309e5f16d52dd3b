/**
 * Which version of a file a save may replace. VS Code compares what it opened with what is there now and offers to
 * compare or overwrite, but only by time and size, and somebody may write between its look and the save. So the gateway is told
 * the version that VS Code looked at, or, where time and size could not tell it apart, the version that was read.
 */

/** What is known of one version of a file. */
export type Version = { etag: string; size: number };

type Known = { read?: Version; seen?: Version; warned?: string };

export type Versions = {
  /** The content was handed to VS Code. */
  read(file: string, version: Version): void;
  /** VS Code looked at the file, as it does just before it saves. */
  seen(file: string, version: Version): void;
  /** Our own save made this version. */
  written(file: string, version: Version): void;
  /** The etag that the save may replace; undefined: whatever is there. */
  expected(file: string): string | undefined;
  /** The user was told of the conflict: saving once more replaces what was last seen. */
  warned(file: string): void;
  forget(file: string): void;
};

export function createVersions(limit = 1000): Versions {
  const known = new Map<string, Known>();
  const note = (file: string, change: Known) => {
    const entry = { ...known.get(file), ...change };
    known.delete(file);
    known.set(file, entry);
    if (known.size > limit) known.delete(known.keys().next().value!);
  };
  return {
    read: (file, version) => note(file, { read: version, seen: version }),
    seen: (file, version) => note(file, { seen: version }),
    written: (file, version) => note(file, { read: version, seen: version }),
    warned: (file) => note(file, { ...(known.get(file)?.seen && { warned: known.get(file)!.seen!.etag }) }),
    forget: (file) => void known.delete(file),
    expected(file) {
      const { read, seen, warned } = known.get(file) ?? {};
      if (!read || !seen || warned === seen.etag) return seen?.etag;
      return read.size === seen.size ? read.etag : seen.etag;
    },
  };
}
