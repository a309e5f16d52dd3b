/** Projects: who is in them, where their files are, and their way into the bin and out of it. */
import { eventScopes } from '@bine/shared';
import type { Project, Role } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { Owner } from '../../ports/accounts.ts';
import type { StoredEvent } from '../../ports/state/events.ts';
import type { ProjectRecord } from '../../ports/state/projects.ts';
import { newId } from '../../lib/id.ts';
import type { Principal } from '../access/principal.ts';
import { hideInEvent } from '../jobs/hidden-values.ts';
import { binActions } from './bin.ts';
import { createHooks } from './hooks.ts';
import { memberActions } from './members.ts';
import { createFind, memberName, toProject, withoutRole } from './parts.ts';
import type { Parts, ProjectsOptions } from './parts.ts';

export type Projects = ReturnType<typeof createProjects>;

/** What other domains need to know of a project. */
export type ProjectFolder = {
  id: string;
  name: string;
  files: string;
  bin: string;
  idleMinutes: number;
  /** To whom all its files belong, and who its containers run as. */
  owner: Owner;
};

export function createProjects(options: ProjectsOptions) {
  const hooks = createHooks();
  const parts = { ...options, find: createFind(options.rows), hooks };
  return {
    ...recordActions(parts),
    ...memberActions(parts),
    ...binActions(parts),
    ...viewActions(parts),
    onDeleted: hooks.onDeleted,
    onErased: hooks.onErased,
    onMembersChanged: hooks.onMembersChanged,
  };
}

function recordActions({ rows, folders, accounts, events, find }: Parts) {
  const role = async (principal: Principal, name: string) =>
    principal.admin ? 'owner' : ((await rows.roleOf(name, principal.user)) ?? 'viewer');

  const toFolder = ({ id, name, idleMinutes, uid }: ProjectRecord): ProjectFolder => ({
    id,
    name,
    idleMinutes,
    owner: accounts.ownerOf(uid),
    ...folders.of(id),
  });

  return {
    async list(principal: Principal): Promise<Project[]> {
      return (await rows.list(memberName(principal), { bin: false })).map((record) => toProject(record, record.role));
    },

    async get(principal: Principal, name: string): Promise<Project> {
      return toProject(await find(name), await role(principal, name));
    },

    async create(principal: Principal, wanted: { name: string; description: string; idleMinutes: number }): Promise<Project> {
      const uid = accounts.range && (await rows.nextUid(accounts.range));
      const record = { ...wanted, id: newId(), created: new Date().toISOString(), deleted: null, erasing: false, uid };
      // The folder first: a project that can be seen can be used.
      await folders.create(record.id, accounts.ownerOf(uid));
      if ((await rows.add(record, principal.user)) === 'name-taken') {
        await folders.erase(record.id);
        throw new Problem('already-exists', `There is a project "${wanted.name}" already, maybe of somebody else. Choose another name.`);
      }
      events.publish({ type: 'project.created', project: record.name, data: withoutRole(record) }, record.id);
      return toProject(record, 'owner');
    },

    async update(
      principal: Principal,
      name: string,
      changes: { description?: string | undefined; idleMinutes?: number | undefined },
    ): Promise<Project> {
      const { id } = await find(name);
      await rows.update(id, changes);
      const record = await find(name);
      events.publish({ type: 'project.changed', project: name, data: withoutRole(record) }, id);
      return toProject(record, await role(principal, name));
    },

    /** @throws Problem not-found */
    async folder(name: string): Promise<ProjectFolder> {
      return toFolder(await find(name));
    },

    /** Those that the caller is a member of, by name; all of them, if an administrator. */
    async ofMember(principal: Principal): Promise<ProjectFolder[]> {
      return (await rows.list(memberName(principal), { bin: false })).map(toFolder);
    },

    /** All that are not in the bin. */
    all: async (): Promise<ProjectFolder[]> => (await rows.list(null, { bin: false })).map(toFolder),

    /** Null: it is in the bin, or gone. */
    async byId(id: string): Promise<ProjectFolder | null> {
      const record = await rows.byId(id);
      return record && toFolder(record);
    },
  };
}

function viewActions({ rows }: Parts) {
  return {
    /** Null: not a member, or no such project. */
    async roleOf(principal: Principal, name: string): Promise<Role | null> {
      if (!principal.admin) return rows.roleOf(name, principal.user);
      return (await rows.byName(name)) ? 'owner' : null;
    },

    /** Those events that the caller may see now, as far as the caller may see them. Who was removed from a project is still told that. */
    async visible(principal: Principal, events: StoredEvent[]): Promise<StoredEvent[]> {
      const covered = events.filter(({ event }) => {
        const scope = eventScopes[event.type];
        return scope === null || principal.scopes.includes(scope);
      });
      if (principal.admin) return covered;
      const mine = await rows.rolesOf(principal.user);
      const ofMe = ({ event }: StoredEvent) => event.type === 'member.removed' && event.data.user === principal.user;
      const seen = covered.filter((stored) => stored.projectId === null || mine.has(stored.projectId) || ofMe(stored));
      return seen.map(({ event, projectId }) => {
        const isViewer = projectId !== null && mine.get(projectId) === 'viewer';
        return { event: isViewer ? hideInEvent(event) : event, projectId };
      });
    },
  };
}
