/** Jobs in the database. */
import type { Program } from '@bine/shared';
import type { Database } from './store.ts';
import type { Tables } from './tables.ts';
import type { JobRecord, JobRows } from '../../ports/state/jobs.ts';

export function createJobRows(db: Database): JobRows {
  return {
    async get(projectId: string, name: string): Promise<JobRecord | null> {
      const row = await db.selectFrom('jobs').selectAll().where('project_id', '=', projectId).where('name', '=', name).executeTakeFirst();
      return row ? toRecord(row) : null;
    },

    async ofProject(projectId: string): Promise<JobRecord[]> {
      const rows = await db.selectFrom('jobs').selectAll().where('project_id', '=', projectId).orderBy('name').execute();
      return rows.map(toRecord);
    },

    async all(): Promise<JobRecord[]> {
      return (await db.selectFrom('jobs').selectAll().execute()).map(toRecord);
    },

    async save({ projectId, name, program, keep, created, user }: JobRecord): Promise<void> {
      const changes = { program: JSON.stringify(program), keep, user };
      await db
        .insertInto('jobs')
        .values({ project_id: projectId, name, created, last_number: 0, ...changes })
        .onConflict((conflict) => conflict.columns(['project_id', 'name']).doUpdateSet(changes))
        .execute();
    },

    async remove(projectId: string, name: string): Promise<void> {
      await db.transaction().execute(async (transaction) => {
        await transaction.deleteFrom('schedules').where('project_id', '=', projectId).where('job', '=', name).execute();
        await transaction.deleteFrom('jobs').where('project_id', '=', projectId).where('name', '=', name).execute();
      });
    },
  };
}

function toRecord({ project_id, name, program, keep, created, user }: Tables['jobs']): JobRecord {
  return { projectId: project_id, name, program: { secrets: [], ...JSON.parse(program) } as Program, keep, created, user };
}
