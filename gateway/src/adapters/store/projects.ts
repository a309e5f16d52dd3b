/** Projects and their members in the database. */
import { Role } from '@bine/shared';
import type { Member } from '@bine/shared';
import type { Selectable } from 'kysely';
import { Problem } from '@bine/shared/problems';
import type { UidRange } from '../../ports/accounts.ts';
import type { Database } from './store.ts';
import type { Tables } from './tables.ts';
import type { ProjectRecord, ProjectRows } from '../../ports/state/projects.ts';

export function createProjectRows(db: Database): ProjectRows {
  return { ...recordRows(db), ...uidRows(db), ...binRows(db), ...memberRows(db) };
}

function recordRows(db: Database) {
  return {
    async list(user: string | null, { bin }: { bin: boolean }): Promise<(ProjectRecord & { role: Role })[]> {
      const deleted = bin ? 'is not' : 'is';
      const projects = db.selectFrom('projects').selectAll('projects').where('projects.deleted', deleted, null).orderBy('projects.name');
      if (user === null) return (await projects.execute()).map((row) => ({ ...toRecord(row), role: 'owner' as const }));
      const mine = projects
        .innerJoin('members', 'members.project_id', 'projects.id')
        .select('members.role')
        .where('members.user', '=', user);
      return (await mine.execute()).map((row) => ({ ...toRecord(row), role: Role.parse(row.role) }));
    },

    async byName(name: string): Promise<ProjectRecord | null> {
      const row = await db.selectFrom('projects').selectAll().where('name', '=', name).where('deleted', 'is', null).executeTakeFirst();
      return row ? toRecord(row) : null;
    },

    async byId(id: string): Promise<ProjectRecord | null> {
      const row = await db.selectFrom('projects').selectAll().where('id', '=', id).where('deleted', 'is', null).executeTakeFirst();
      return row ? toRecord(row) : null;
    },

    async add(project: ProjectRecord, owner: string): Promise<'added' | 'name-taken'> {
      const { idleMinutes, erasing, ...rest } = project;
      return db.transaction().execute(async (transaction) => {
        const { numInsertedOrUpdatedRows } = await transaction
          .insertInto('projects')
          .values({ ...rest, idle_minutes: idleMinutes, erasing: Number(erasing) })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst();
        if (numInsertedOrUpdatedRows === 0n) return 'name-taken';
        await transaction.insertInto('members').values({ project_id: project.id, user: owner, role: 'owner' }).execute();
        return 'added';
      });
    },

    async update(id: string, changes: { description?: string | undefined; idleMinutes?: number | undefined }): Promise<void> {
      const { description, idleMinutes } = changes;
      const set = { ...(description !== undefined && { description }), ...(idleMinutes !== undefined && { idle_minutes: idleMinutes }) };
      if (Object.keys(set).length === 0) return;
      await db.updateTable('projects').set(set).where('id', '=', id).execute();
    },
  };
}

/** Beside `gateway`, among the settings. */
const lastUid = 'projects.last-uid';

function uidRows(db: Database) {
  return {
    nextUid: (range: UidRange): Promise<number> =>
      db.transaction().execute(async (transaction) => {
        const rows = await transaction.selectFrom('projects').select('uid').where('uid', 'is not', null).execute();
        const taken = new Set(rows.map(({ uid }) => uid));
        const last = await transaction.selectFrom('settings').select('value').where('name', '=', lastUid).executeTakeFirst();
        const uid = firstFree(range, taken, Number(last?.value ?? range.first - 1) + 1);
        const setting = { name: lastUid, value: `${uid}` };
        await transaction
          .insertInto('settings')
          .values(setting)
          .onConflict((conflict) => conflict.column('name').doUpdateSet(setting))
          .execute();
        return uid;
      }),

    setUid: async (id: string, uid: number): Promise<void> => {
      await db.updateTable('projects').set({ uid }).where('id', '=', id).execute();
    },

    async withoutUid(): Promise<ProjectRecord[]> {
      return (await db.selectFrom('projects').selectAll().where('uid', 'is', null).execute()).map(toRecord);
    },
  };
}

function firstFree({ first, last }: UidRange, taken: ReadonlySet<number | null>, from: number): number {
  const begin = from >= first && from <= last ? from : first;
  for (let offset = 0; offset <= last - first; offset++) {
    const uid = first + ((begin - first + offset) % (last - first + 1));
    if (!taken.has(uid)) return uid;
  }
  throw new Problem('conflict', `All user ids from ${first} to ${last} have a project. Give the gateway a larger range with --uid-range.`);
}

function binRows(db: Database) {
  return {
    async putIntoBin(id: string, time: string): Promise<void> {
      await db.updateTable('projects').set({ deleted: time }).where('id', '=', id).execute();
    },

    async markErasing(id: string): Promise<void> {
      await db.updateTable('projects').set({ erasing: 1 }).where('id', '=', id).execute();
    },

    async beingErased(): Promise<ProjectRecord[]> {
      return (await db.selectFrom('projects').selectAll().where('erasing', '=', 1).execute()).map(toRecord);
    },

    async takeOutOfBin(id: string): Promise<'restored' | 'name-taken'> {
      return db.transaction().execute(async (transaction) => {
        const taken = await transaction
          .selectFrom('projects')
          .select('id')
          .where('deleted', 'is', null)
          .where('name', '=', (same) => same.selectFrom('projects as binned').select('binned.name').where('binned.id', '=', id))
          .executeTakeFirst();
        if (taken) return 'name-taken';
        await transaction.updateTable('projects').set({ deleted: null }).where('id', '=', id).execute();
        return 'restored';
      });
    },

    async remove(id: string): Promise<void> {
      await db.deleteFrom('projects').where('id', '=', id).execute();
    },
  };
}

function memberRows(db: Database) {
  /** True if nobody but `user` owns the project. */
  const ownsAlone = async (on: Database, id: string, user: string) => {
    const owners = await on.selectFrom('members').select('user').where('project_id', '=', id).where('role', '=', 'owner').execute();
    return owners.length === 1 && owners[0]!.user === user;
  };

  return {
    async roleOf(name: string, user: string): Promise<Role | null> {
      const row = await db
        .selectFrom('members')
        .innerJoin('projects', 'projects.id', 'members.project_id')
        .select('members.role')
        .where('projects.name', '=', name)
        .where('projects.deleted', 'is', null)
        .where('members.user', '=', user)
        .executeTakeFirst();
      return row ? Role.parse(row.role) : null;
    },

    async rolesOf(user: string): Promise<Map<string, Role>> {
      const rows = await db.selectFrom('members').select(['project_id', 'role']).where('user', '=', user).execute();
      return new Map(rows.map((row) => [row.project_id, Role.parse(row.role)]));
    },

    async members(id: string): Promise<Member[]> {
      const rows = await db.selectFrom('members').select(['user', 'role']).where('project_id', '=', id).orderBy('user').execute();
      return rows.map((row) => ({ user: row.user, role: Role.parse(row.role) }));
    },

    async setMember(id: string, { user, role }: Member): Promise<'set' | 'no-user' | 'last-owner'> {
      return db.transaction().execute(async (transaction) => {
        if (!(await transaction.selectFrom('users').select('name').where('name', '=', user).executeTakeFirst())) return 'no-user';
        if (role !== 'owner' && (await ownsAlone(transaction, id, user))) return 'last-owner';
        await transaction
          .insertInto('members')
          .values({ project_id: id, user, role })
          .onConflict((conflict) => conflict.columns(['project_id', 'user']).doUpdateSet({ role }))
          .execute();
        return 'set';
      });
    },

    async removeMember(id: string, user: string): Promise<'removed' | 'no-member' | 'last-owner'> {
      return db.transaction().execute(async (transaction) => {
        if (await ownsAlone(transaction, id, user)) return 'last-owner';
        const { numDeletedRows } = await transaction
          .deleteFrom('members')
          .where('project_id', '=', id)
          .where('user', '=', user)
          .executeTakeFirst();
        return numDeletedRows === 0n ? 'no-member' : 'removed';
      });
    },
  };
}

function toRecord(row: Selectable<Tables['projects']>): ProjectRecord {
  const { id, name, description, created, deleted, uid } = row;
  return { id, name, description, idleMinutes: row.idle_minutes, created, deleted, erasing: row.erasing === 1, uid };
}
