/** Schedules: the ticks at which a job is executed by itself, each at most once, whatever dies in between. */
import type { Schedule } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { ScheduleRecord, ScheduleRows } from '../../ports/state/schedules.ts';
import { leastGap, problemOf, ticksAfter } from '../../lib/cron.ts';
import type { When } from '../../lib/cron.ts';
import { newId } from '../../lib/id.ts';
import type { Definitions } from './definitions.ts';
import type { Common } from './parts.ts';
import type { Snapshots } from './snapshots.ts';

export type ScheduleParts = Pick<Common, 'projects' | 'events'> & {
  schedules: ScheduleRows;
  definitions: Pick<Definitions, 'find'>;
  snapshots: Pick<Snapshots, 'check'>;
  /** Seconds that must lie between two ticks. */
  leastInterval: number;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Why that user may not execute jobs in the project, as a sentence; null: the user may. */
  whyNot: (user: string, project: string) => Promise<string | null>;
  /** Something about when the next tick comes has changed. */
  onChange: () => void;
};

export type Schedules = ReturnType<typeof createSchedules>;

const shown = 5;

export function createSchedules(parts: ScheduleParts) {
  const { schedules, projects, events, definitions, snapshots, leastInterval, now, whyNot, onChange } = parts;

  function refuse(when: When): void {
    refuseNonsense(when);
    refuseTooOften(when, { leastInterval, from: new Date(now()) });
  }

  async function find(projectName: string, id: string) {
    const project = await projects.folder(projectName);
    const record = await schedules.get(id);
    if (record?.projectId === project.id) return { project, record };
    throw new Problem('not-found', `There is no schedule "${id}" in the project "${projectName}".`);
  }

  function changed(record: ScheduleRecord, project: string): Schedule {
    const schedule = toSchedule(record, project, now());
    events.publish({ type: 'schedule.changed', project, data: schedule }, record.projectId);
    onChange();
    return schedule;
  }

  return {
    async list(projectName: string, job?: string): Promise<Schedule[]> {
      const { id } = await projects.folder(projectName);
      const records = await schedules.ofProject(id);
      return records.filter((record) => job === undefined || record.job === job).map((record) => toSchedule(record, projectName, now()));
    },

    async create(
      wanted: When & { project: string; job: string; missed: Schedule['missed']; snapshot?: string | undefined },
      user: string,
    ): Promise<Schedule> {
      const { project, record: job } = await definitions.find(wanted.project, wanted.job);
      refuse(wanted);
      if (wanted.snapshot !== undefined) await snapshots.check(project.id, wanted.snapshot, job.program.path);
      const { cron, timezone, missed, snapshot = null } = wanted;
      const time = new Date(now()).toISOString();
      const fresh = { id: newId(), projectId: project.id, job: job.name, user, created: time, seen: time };
      const never = { paused: false, pauseReason: null, skipped: 0, skipCause: null };
      const record = { ...fresh, ...never, cron, timezone, missed, snapshot };
      await schedules.add(record);
      return changed(record, project.name);
    },

    /** Whoever resumes a schedule whose user may not execute it any more takes it over. */
    async update(
      { project: projectName, schedule: id, ...wanted }: { project: string; schedule: string } & Changes,
      user: string,
    ): Promise<Schedule> {
      const { record } = await find(projectName, id);
      const given = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined)) as Partial<ScheduleRecord>;
      const isOrphan = given.paused === false && (record.pauseReason !== null || (await whyNot(record.user, projectName)) !== null);
      const takenOver = isOrphan ? { user, pauseReason: null } : {};
      const next = { ...record, ...given };
      // One that was allowed before can still be paused.
      if (!next.paused) refuse(next);
      // What would have come until now was not wanted then.
      const changes = { ...given, ...takenOver, seen: new Date(now()).toISOString() };
      await schedules.update(id, changes);
      return changed({ ...next, ...changes }, projectName);
    },

    /** Pauses those whose user may not execute jobs there any more, of one project or of all. */
    async pauseOrphans(projectId?: string): Promise<void> {
      const records = projectId === undefined ? await schedules.all() : await schedules.ofProject(projectId);
      for (const record of records.filter(({ paused }) => !paused)) {
        const project = await projects.byId(record.projectId);
        const why = project && (await whyNot(record.user, project.name));
        if (!why) continue;
        const changes = { paused: true, pauseReason: `${why} Resume it to take it over.` };
        await schedules.update(record.id, changes);
        changed({ ...record, ...changes }, project.name);
      }
    },

    async delete(projectName: string, id: string): Promise<void> {
      const { project, record } = await find(projectName, id);
      await schedules.remove(id);
      events.publish({ type: 'schedule.deleted', project: projectName, data: { id, job: record.job } }, project.id);
      onChange();
    },
  };
}

type Changes = {
  cron?: string | undefined;
  timezone?: string | undefined;
  missed?: Schedule['missed'] | undefined;
  paused?: boolean | undefined;
};

function refuseNonsense(when: When): void {
  const problem = problemOf(when);
  if (problem) throw new Problem('invalid', `${problem.problem}.`, { fields: [problem] });
}

function refuseTooOften(when: When, { leastInterval, from }: { leastInterval: number; from: Date }): void {
  const gap = leastGap(when, from);
  if (gap >= leastInterval) return;
  const problem = `${JSON.stringify(when.cron)} comes every ${gap} s; schedules must leave ${leastInterval} s between two times`;
  throw new Problem('invalid', `${problem}. An administrator can allow less with --min-schedule-interval.`, {
    fields: [{ field: 'cron', problem }],
  });
}

export function toSchedule({ projectId: _projectId, seen: _seen, ...rest }: ScheduleRecord, project: string, now: number): Schedule {
  const next = rest.paused ? [] : ticksAfter(rest, new Date(now), shown).map((tick) => tick.toISOString());
  return { ...rest, project, next };
}
