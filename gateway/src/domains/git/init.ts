/** A new repository in a folder of a project. */
import type { GitStatus } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import { statusOf } from './looking.ts';
import type { LookingParts } from './looking.ts';
import type { At, Caller } from './parts.ts';

export function initAction(parts: LookingParts) {
  const { git, repositories } = parts;
  return async (at: At, caller: Caller): Promise<GitStatus> => {
    const { project, where, key } = await repositories.locate(at);
    return repositories.enter(key, caller.signal, async () => {
      if ((await git.find(project, caller.signal)).includes(where.path))
        throw new Problem(
          'already-exists',
          `${where.path === '' ? `The project "${project.name}"` : JSON.stringify(where.path)} is a Git repository already.`,
        );
      await git.init(where, caller.signal);
      repositories.changed(project, where.path);
      return repositories.look(at, caller.signal, (repository) => statusOf(parts, repository));
    });
  };
}
