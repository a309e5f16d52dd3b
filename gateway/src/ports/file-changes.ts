/** What happens to a project's files while somebody watches. */

/** `names` is the path, split. */
export type TreeChange = { type: 'created' | 'changed' | 'deleted'; names: readonly string[] };

export type TreeListener = {
  /** In the order of their folders, one per name. */
  changes(changes: TreeChange[]): void;
  /** Changes may have been missed. */
  missed(): void;
  /** Nothing more comes. `why`: Problem `not-found` when the folder is gone. */
  ended(why: unknown): void;
};

export type TreeWatch = {
  /** Resolves once everything is watched. Rejects with what `ended` is told, if it never was. */
  ready: Promise<void>;
  /** Nothing more is reported once it resolves. */
  [Symbol.asyncDispose](): Promise<void>;
};
