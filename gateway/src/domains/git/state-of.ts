/** In which state of its repository a file is, for whoever wants to say later what ran. */
import type { LookingParts } from './looking.ts';

export type StateOf = (project: string, path: string, signal: AbortSignal) => Promise<{ commit: string; dirty: boolean } | null>;

/** null: the file is in no repository, or in one without a commit */
export function createStateOf({ git, repositories }: LookingParts): StateOf {
  return async (project, path, signal) => {
    const around = (await repositories.list(project)).filter((one) => one.path === '' || path.startsWith(`${one.path}/`));
    const nearest = around.sort((one, other) => other.path.length - one.path.length)[0];
    if (!nearest) return null;
    return repositories.look({ project, repository: nearest.path }, signal, async ({ run }) => {
      const { head, conflicts, staged, changes, untracked } = await run(git.commands.status);
      const dirty = [conflicts, staged, changes, untracked].some((files) => files.length > 0);
      return head === null ? null : { commit: head, dirty };
    });
  };
}
