/** Kernels in the database. */
import { KernelState, SecretUse } from '@bine/shared';
import { z } from 'zod';
import type { Database } from './store.ts';
import type { Tables } from './tables.ts';
import type { KernelRecord, KernelRows } from '../../ports/state/kernels.ts';

const Revisions = z.array(z.int());

const over: KernelState[] = ['dead', 'stopped'];

export function createKernelRows(db: Database): KernelRows {
  const all = () => db.selectFrom('kernels').selectAll().orderBy('started', 'desc').orderBy('id');
  return {
    async get(id: string): Promise<KernelRecord | null> {
      const row = await db.selectFrom('kernels').selectAll().where('id', '=', id).executeTakeFirst();
      return row ? toRecord(row) : null;
    },

    async ofProject(projectId: string, { ended }: { ended: boolean }): Promise<KernelRecord[]> {
      const rows = all().where('project_id', '=', projectId);
      return (await (ended ? rows : rows.where('state', '!=', 'stopped')).execute()).map(toRecord);
    },

    async unended(): Promise<KernelRecord[]> {
      return (await all().where('state', 'not in', over).execute()).map(toRecord);
    },

    async ended(): Promise<KernelRecord[]> {
      return (await all().where('state', 'in', over).execute()).map(toRecord);
    },

    async save(record: KernelRecord): Promise<void> {
      const { id, ...rest } = toRow(record);
      await db
        .insertInto('kernels')
        .values({ id, ...rest })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(rest))
        .execute();
    },

    async renameEnvironment(projectId: string, from: string, to: string): Promise<void> {
      await db
        .updateTable('kernels')
        .set({ environment: to })
        .where('project_id', '=', projectId)
        .where('environment', '=', from)
        .execute();
    },

    async remove(id: string): Promise<void> {
      await db.deleteFrom('kernels').where('id', '=', id).execute();
    },
  };
}

function toRow({ projectId, lastActivity, parts, secrets, private: isPrivate, ...rest }: KernelRecord): Tables['kernels'] {
  const texts = { parts: JSON.stringify(parts), secrets: JSON.stringify(secrets), private: Number(isPrivate) };
  return { ...rest, ...texts, project_id: projectId, last_activity: lastActivity };
}

function toRecord({ project_id, last_activity, parts, ...rest }: Tables['kernels']): KernelRecord {
  return {
    ...rest,
    parts: Revisions.parse(JSON.parse(parts)),
    secrets: SecretUse.array().parse(JSON.parse(rest.secrets)),
    private: rest.private === 1,
    projectId: project_id,
    lastActivity: last_activity,
    state: KernelState.parse(rest.state),
  };
}
