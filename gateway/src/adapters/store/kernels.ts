/** Kernels in the database. */
import { KernelState, SecretUse } from '@bine/shared';
import { z } from 'zod';
import type { Database } from './store.ts';
import type { Tables } from './tables.ts';

export type KernelRecord = {
  id: string;
  projectId: string;
  environment: string;
  /** Whose packages it has; null: of a bundled environment, or not started yet. */
  revision: number | null;
  /** Revisions of which it may have some packages besides: it was being brought there. */
  parts: readonly number[];
  notebook: string | null;
  user: string;
  /** MiB. */
  memory: number;
  cores: number;
  gpus: number;
  secrets: readonly SecretUse[];
  /** Of its secrets, some are its user's. */
  private: boolean;
  state: KernelState;
  cause: string | null;
  started: string;
  lastActivity: string;
  epoch: number;
  head: number;
};

const Revisions = z.array(z.int());

export type KernelRows = ReturnType<typeof createKernelRows>;

const over: KernelState[] = ['dead', 'stopped'];

export function createKernelRows(db: Database) {
  const all = () => db.selectFrom('kernels').selectAll().orderBy('started', 'desc').orderBy('id');
  return {
    async get(id: string): Promise<KernelRecord | null> {
      const row = await db.selectFrom('kernels').selectAll().where('id', '=', id).executeTakeFirst();
      return row ? toRecord(row) : null;
    },

    /** Newest first; without `ended`, not those that were stopped. */
    async ofProject(projectId: string, { ended }: { ended: boolean }): Promise<KernelRecord[]> {
      const rows = all().where('project_id', '=', projectId);
      return (await (ended ? rows : rows.where('state', '!=', 'stopped')).execute()).map(toRecord);
    },

    async unended(): Promise<KernelRecord[]> {
      return (await all().where('state', 'not in', over).execute()).map(toRecord);
    },

    /** Dead or stopped, newest first. */
    async ended(): Promise<KernelRecord[]> {
      return (await all().where('state', 'in', over).execute()).map(toRecord);
    },

    /** Adds it, or overwrites what is known of it. */
    async save(record: KernelRecord): Promise<void> {
      const { id, ...rest } = toRow(record);
      await db
        .insertInto('kernels')
        .values({ id, ...rest })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(rest))
        .execute();
    },

    /** The environment has another name. */
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
