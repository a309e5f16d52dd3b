/** What does not go along with a snapshot: what .gitignore files say, each for its own folder and below, and what nobody wants. */
import createRules, { type Ignore } from 'ignore';

export type Ignoring = {
  ignores(path: string, type: 'file' | 'directory'): boolean;
  /** With the .gitignore of `folder` on top. */
  with(folder: string, gitignore: string): Ignoring;
};

/** Never code, and often large. */
const always = createRules().add(['.git', '__pycache__', '.ipynb_checkpoints', '.DS_Store', '*.bine-part']);

type Rules = { folder: string; rules: Ignore };

export const ignoreNothing: Ignoring = ignoringBy([]);

/** The deepest .gitignore that says something about a path decides, as git does it. */
function ignoringBy(layers: readonly Rules[]): Ignoring {
  return {
    ignores(path, type) {
      const slash = type === 'directory' ? '/' : '';
      if (always.ignores(path + slash)) return true;
      for (const { folder, rules } of layers) {
        const { ignored, unignored } = rules.test(path.slice(folder ? folder.length + 1 : 0) + slash);
        if (ignored || unignored) return ignored;
      }
      return false;
    },
    with: (folder, gitignore) => ignoringBy([{ folder, rules: createRules().add(gitignore) }, ...layers]),
  };
}
