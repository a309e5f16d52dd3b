/** Schedules in the database. */
import type { Database } from './store.ts';
import type { Tables } from './tables.ts';
import type { ScheduleChanges, ScheduleRecord, ScheduleRows } from '../../ports/state/schedules.ts';

export function createScheduleRows(db: Database): ScheduleRows {
  const all = () => db.selectFrom('schedules').selectAll().orderBy('created').orderBy('id');
  return {
    async get(id: string): Promise<ScheduleRecord | null> {
      const row = await all().where('id', '=', id).executeTakeFirst();
      return row ? toRecord(row) : null;
    },
    async all(): Promise<ScheduleRecord[]> {
      return (await all().execute()).map(toRecord);
    },
    async ofProject(projectId: string): Promise<ScheduleRecord[]> {
      return (await all().where('project_id', '=', projectId).execute()).map(toRecord);
    },
    async add(record: ScheduleRecord): Promise<void> {
      await db.insertInto('schedules').values(toRow(record)).execute();
    },
    async update(id: string, changes: ScheduleChanges): Promise<void> {
      const { paused, pauseReason, skipCause, ...rest } = changes;
      const set = {
        ...rest,
        ...(skipCause !== undefined && { skip_cause: skipCause }),
        ...(paused !== undefined && { paused: paused ? 1 : 0 }),
        ...(pauseReason !== undefined && { pause_reason: pauseReason }),
      };
      if (Object.keys(set).length > 0) await db.updateTable('schedules').set(set).where('id', '=', id).execute();
    },
    async remove(id: string): Promise<void> {
      await db.deleteFrom('schedules').where('id', '=', id).execute();
    },
  };
}

function toRow({ projectId, paused, pauseReason, skipCause, ...rest }: ScheduleRecord): Tables['schedules'] {
  return { ...rest, project_id: projectId, skip_cause: skipCause, paused: paused ? 1 : 0, pause_reason: pauseReason };
}

function toRecord({ project_id, paused, pause_reason, missed, skip_cause, ...rest }: Tables['schedules']): ScheduleRecord {
  const plain = { ...rest, projectId: project_id, skipCause: skip_cause, paused: paused === 1, pauseReason: pause_reason };
  return { ...plain, missed: missed as ScheduleRecord['missed'] };
}
