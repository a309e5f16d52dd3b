/** Executions in the database. */
import { sql } from 'kysely';
import type { Selectable } from 'kysely';
import type { Database } from './store.ts';
import type { Tables } from './tables.ts';
import type { ExecutionRecord, ExecutionRows } from '../../ports/state/executions.ts';

const ended = ['succeeded', 'failed', 'stopped', 'timed-out'];

export function createExecutionRows(db: Database): ExecutionRows {
  const all = () => db.selectFrom('executions').selectAll();
  const ofJob = (projectId: string, job: string) => all().where('project_id', '=', projectId).where('job', '=', job);

  return {
    async get(id: string): Promise<ExecutionRecord | null> {
      const row = await all().where('id', '=', id).executeTakeFirst();
      return row ? toRecord(row) : null;
    },

    async list(projectId: string, { job, limit, before }: { job?: string; limit: number; before?: string }): Promise<ExecutionRecord[]> {
      let query = all().where('project_id', '=', projectId).orderBy('seq', 'desc').limit(limit);
      if (job !== undefined) query = query.where('job', '=', job);
      if (before !== undefined) query = query.where('seq', '<', db.selectFrom('executions').select('seq').where('id', '=', before));
      return (await query.execute()).map(toRecord);
    },

    async lastOfEach(projectId: string): Promise<ExecutionRecord[]> {
      const newest = db
        .selectFrom('executions')
        .select(({ fn }) => fn.max('seq').as('seq'))
        .where('project_id', '=', projectId)
        .groupBy('job');
      return (await all().where('seq', 'in', newest).execute()).map(toRecord);
    },

    async unended(): Promise<ExecutionRecord[]> {
      return (await all().where('state', 'not in', ended).orderBy('seq').execute()).map(toRecord);
    },

    async all(): Promise<ExecutionRecord[]> {
      return (await all().execute()).map(toRecord);
    },

    async endedBeyond(projectId: string, job: string, keep: number): Promise<ExecutionRecord[]> {
      const rows = await ofJob(projectId, job).where('state', 'in', ended).orderBy('seq', 'desc').limit(-1).offset(keep).execute();
      return rows.map(toRecord);
    },

    add: (
      record: Omit<ExecutionRecord, 'number'>,
      refuse: (queued: number) => unknown,
    ): Promise<{ record: ExecutionRecord; fresh: boolean } | null> =>
      db.transaction().execute(async (transaction) => {
        const { projectId, job, idempotencyKey, schedule, inputs } = record;
        const same =
          idempotencyKey !== null
            ? transaction
                .selectFrom('executions')
                .selectAll()
                .where('project_id', '=', projectId)
                .where('job', '=', job)
                .where('idempotency_key', '=', idempotencyKey)
            : schedule !== null && inputs.logicalTime !== null
              ? transaction.selectFrom('executions').selectAll().where('schedule', '=', schedule).where('tick', '=', inputs.logicalTime)
              : null;
        const there = await same?.executeTakeFirst();
        if (there) return { record: toRecord(there), fresh: false };
        refuse(await countQueued(transaction, { projectId }));
        const counted = await transaction
          .updateTable('jobs')
          .set(({ eb }) => ({ last_number: eb('last_number', '+', 1) }))
          .where('project_id', '=', projectId)
          .where('name', '=', job)
          .returning('last_number')
          .executeTakeFirst();
        if (!counted) return null;
        const added = { ...record, number: counted.last_number };
        await transaction.insertInto('executions').values(toRow(added)).execute();
        return { record: added, fresh: true };
      }),

    queuedOf: (projectId: string, schedule: string, tick: string): Promise<number> => countQueued(db, { projectId, schedule, tick }),

    async save(record: ExecutionRecord): Promise<void> {
      const { id, ...changes } = toRow(record);
      await db.updateTable('executions').set(changes).where('id', '=', id).execute();
    },

    async remove(id: string): Promise<void> {
      await db.deleteFrom('executions').where('id', '=', id).execute();
    },

    async forgetProject(projectId: string): Promise<void> {
      await db.transaction().execute(async (transaction) => {
        for (const table of ['executions', 'schedules', 'jobs'] as const) {
          await transaction.deleteFrom(table).where('project_id', '=', projectId).execute();
        }
      });
    },
  };
}

type Counted = { projectId: string; schedule?: string; tick?: string };

async function countQueued(on: Database, { projectId, schedule, tick }: Counted): Promise<number> {
  let query = on
    .selectFrom('executions')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('project_id', '=', projectId)
    // As the index has it; a parameter would not match.
    .where(sql.ref('state'), '=', sql.lit('queued'));
  if (schedule !== undefined) query = query.where('schedule', '=', schedule);
  if (tick !== undefined) query = query.where('tick', '!=', tick);
  return (await query.executeTakeFirstOrThrow()).count;
}

function toRow({ projectId, exitCode, cells, inputs, idempotencyKey, warnings, ...rest }: ExecutionRecord) {
  return {
    ...rest,
    project_id: projectId,
    exit_code: exitCode,
    cells: cells && JSON.stringify(cells),
    inputs: JSON.stringify(inputs),
    warnings: JSON.stringify(warnings),
    idempotency_key: idempotencyKey,
    tick: rest.schedule === null ? null : inputs.logicalTime,
  };
}

function toRecord(row: Selectable<Tables['executions']>): ExecutionRecord {
  const { seq: _seq, tick: _tick, project_id, exit_code, cells, inputs, idempotency_key, state, trigger, warnings, ...rest } = row;
  return {
    ...rest,
    projectId: project_id,
    exitCode: exit_code,
    state: state as ExecutionRecord['state'],
    trigger: trigger as ExecutionRecord['trigger'],
    cells: cells === null ? null : (JSON.parse(cells) as ExecutionRecord['cells']),
    inputs: { secrets: [], ...JSON.parse(inputs) } as ExecutionRecord['inputs'],
    warnings: JSON.parse(warnings) as string[],
    idempotencyKey: idempotency_key,
  };
}
