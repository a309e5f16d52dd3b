/** Limits of projects and their shares of the queue in the database. */
import type { Database } from './store.ts';
import type { LimitOverrides, LimitRows, ShareRecord } from '../../ports/state/limits.ts';

export function createLimitRows(db: Database): LimitRows {
  return {
    async all(): Promise<Map<string, LimitOverrides>> {
      const rows = await db.selectFrom('limits').selectAll().execute();
      return new Map(rows.map(({ project_id, limits }) => [project_id, JSON.parse(limits) as LimitOverrides]));
    },

    async save(projectId: string, overrides: LimitOverrides): Promise<void> {
      const limits = JSON.stringify(overrides);
      await db
        .insertInto('limits')
        .values({ project_id: projectId, limits })
        .onConflict((conflict) => conflict.column('project_id').doUpdateSet({ limits }))
        .execute();
    },

    async shares(): Promise<ShareRecord[]> {
      const rows = await db.selectFrom('shares').selectAll().execute();
      return rows.map(({ project_id, user, used }) => ({ projectId: project_id || null, user: user || null, used }));
    },

    async saveShares(records: ShareRecord[]): Promise<void> {
      if (records.length === 0) return;
      await db
        .insertInto('shares')
        .values(records.map(({ projectId, user, used }) => ({ project_id: projectId ?? '', user: user ?? '', used })))
        .onConflict((conflict) => conflict.columns(['project_id', 'user']).doUpdateSet(({ ref }) => ({ used: ref('excluded.used') })))
        .execute();
    },

    async forgetProject(projectId: string): Promise<void> {
      for (const table of ['limits', 'shares'] as const) await db.deleteFrom(table).where('project_id', '=', projectId).execute();
    },
  };
}
