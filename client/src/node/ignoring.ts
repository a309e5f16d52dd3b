/** What does not go along with a snapshot: what .gitignore files say, each for its own folder and below, and what nobody wants. */
import createRules, { type Ignore } from 'ignore';

export type Ignoring = {
  ignores(path: string, type: 'file' | 'directory'): boolean;
  /** With the .gitignore of `folder` on top. */
  with(folder: string, gitignore: string): Ignoring;
};

/** Never code, and often large. @param listed Git has it */
export function isNobodys(name: string, listed: boolean): boolean {
  return name === '.git' || (!listed && /^(?:__pycache__|\.ipynb_checkpoints|\.DS_Store|.*\.bine-part)$/.test(name));
}

type Rules = { folder: string; rules: Ignore };

export const ignoreNothing: Ignoring = ignoringBy([]);

/** The deepest .gitignore that says something about a path decides, as git does it, which tells upper case from lower on Linux. */
function ignoringBy(layers: readonly Rules[]): Ignoring {
  return {
    ignores(path, type) {
      const slash = type === 'directory' ? '/' : '';
      for (const { folder, rules } of layers) {
        const inside = path.slice(folder ? folder.length + 1 : 0) + slash;
        // A name that it takes for no path, such as one with a trailing blank, is no rule's business.
        const { ignored, unignored } = createRules.isPathValid(inside) ? rules.test(inside) : nothing;
        if (ignored || unignored) return ignored;
      }
      return false;
    },
    with: (folder, gitignore) => ignoringBy([{ folder, rules: createRules({ ignorecase: false }).add(gitignore) }, ...layers]),
  };
}

const nothing = { ignored: false, unignored: false };
