/** What the actions on projects share. */
import type { Project, Role } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { Folders } from '../../ports/state/folders.ts';
import type { Accounts } from '../../ports/accounts.ts';
import type { ProjectRecord, ProjectRows } from '../../ports/state/projects.ts';
import type { Principal } from '../access/principal.ts';
import type { Events } from '../events/events.ts';
import type { createHooks } from './hooks.ts';

export type ProjectsOptions = { rows: ProjectRows; folders: Folders; accounts: Accounts; events: Pick<Events, 'publish'> };

export type Parts = ProjectsOptions & { find: Find; hooks: ReturnType<typeof createHooks> };
type Find = (name: string) => Promise<ProjectRecord>;

export function createFind(rows: ProjectRows): Find {
  return async (name) => {
    const record = await rows.byName(name);
    if (!record) throw new Problem('not-found', `There is no project "${name}".`);
    return record;
  };
}

/** Null, which stands for all projects, where the caller is an administrator. */
export function memberName(principal: Principal): string | null {
  return principal.admin ? null : principal.user;
}

export function toProject({ name, description, created, deleted, idleMinutes }: ProjectRecord, role: Role): Project {
  return { name, description, created, deleted, idleMinutes, role };
}

/** As it stands in an event, which goes to members of every role. */
export function withoutRole({ name, description, created, deleted, idleMinutes }: ProjectRecord): Omit<Project, 'role'> {
  return { name, description, created, deleted, idleMinutes };
}
