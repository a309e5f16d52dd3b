/** Executes jobs at the ticks of their schedules, and makes up for those that came while nobody was there, as each schedule says. */
import { Problem } from '@bine/shared/problems';
import type { ScheduleRecord, ScheduleRows } from '../../ports/state/schedules.ts';
import { ticksAfter, ticksBetween } from '../../lib/cron.ts';
import { createMutex } from '../../lib/mutex.ts';
import type { ProjectFolder } from '../projects/projects.ts';
import { inputsOf } from './definitions.ts';
import type { Events } from '../events/events.ts';
import { toSchedule } from './schedules.ts';
import type { Executions } from './executions.ts';
import type { Common } from './parts.ts';

export type ClockParts = Pick<Common, 'projects' | 'rows' | 'onError'> & {
  schedules: ScheduleRows;
  executions: Pick<Executions, 'submit'>;
  events: Pick<Events, 'publish'>;
  /** Seconds that must lie between two ticks of a schedule. */
  leastInterval: number;
  /** Milliseconds since 1970. */
  now: () => number;
};

/** A tick that is later than this was missed. */
const onTimeMilliseconds = 60_000;
/** Of those that are made up for when all are wanted. */
const mostMadeUp = 1000;
/** Timers cannot wait for months, and the machine's clock may be set. */
const longestWait = 60_000;

export function createClock(parts: ClockParts) {
  const { schedules, projects, rows, events, leastInterval, now, onError } = parts;
  /** Of each schedule, the tick that was executed last, in milliseconds. */
  const lastTicks = new Map<string, number>();
  const oneAtATime = createMutex();
  let timer: NodeJS.Timeout | undefined;
  let running = false;

  async function execute(schedule: ScheduleRecord, project: ProjectFolder, tick: Date): Promise<void> {
    const job = await rows.jobs.get(project.id, schedule.job);
    if (!job) return;
    const logicalTime = tick.toISOString();
    const inputs = inputsOf(job.program, { logicalTime, ...(schedule.snapshot !== null && { snapshot: schedule.snapshot }) });
    const submission = {
      job: job.name,
      user: schedule.user,
      trigger: 'schedule',
      schedule: schedule.id,
      idempotencyKey: null,
      inputs,
    } as const;
    await parts.executions.submit(project, submission);
  }

  async function look(record: ScheduleRecord): Promise<void> {
    const until = new Date(now());
    const project = await projects.byId(record.projectId);
    let schedule = record;
    for (const { tick, late } of project && !record.paused ? due(record, until) : []) {
      const why = late ? null : await whyNot(schedule, tick);
      // A schedule whose job cannot run goes on: somebody may mend it.
      const cause = why ?? (await execute(schedule, project!, tick).then(() => null, skipOrReport));
      if (cause === null) lastTicks.set(schedule.id, tick.getTime());
      else schedule = { ...schedule, skipped: schedule.skipped + 1, skipCause: cause };
    }
    const { skipped, skipCause } = schedule;
    await schedules.update(record.id, { seen: until.toISOString(), skipped, skipCause });
    if (skipped === record.skipped || !project) return;
    events.publish({ type: 'schedule.changed', project: project.name, data: toSchedule(schedule, project.name, now()) }, project.id);
  }

  /** One that waits is as good as two. What came while nobody was there is made up for as its schedule says, though. */
  async function whyNot(schedule: ScheduleRecord, tick: Date): Promise<string | null> {
    const last = lastTicks.get(schedule.id);
    if (last !== undefined && tick.getTime() - last < leastInterval * 1000) return `Less than ${leastInterval} s after the one before.`;
    return (await rows.executions.queuedOf(schedule.projectId, schedule.id, tick.toISOString())) > 0
      ? 'An earlier one of its executions still waited.'
      : null;
  }

  /** @returns why it was left out */
  function skipOrReport(error: unknown): string | null {
    if (error instanceof Problem && ['limit-reached', 'quota-exceeded'].includes(error.code)) return error.message;
    onError(error);
    return null;
  }

  /** `late`: it came while nobody was there. */
  function due(schedule: ScheduleRecord, until: Date): { tick: Date; late: boolean }[] {
    const ticks = ticksBetween(schedule, { after: new Date(schedule.seen), until, most: mostMadeUp });
    const missed = ticks.filter((tick) => until.getTime() - tick.getTime() > onTimeMilliseconds);
    const wanted = { none: [], last: missed.slice(-1), all: missed }[schedule.missed];
    const onTime = ticks.slice(missed.length);
    return [...wanted.map((tick) => ({ tick, late: true })), ...onTime.map((tick) => ({ tick, late: false }))];
  }

  async function pass(): Promise<void> {
    for (const schedule of await schedules.all()) {
      const next = nextOf(schedule);
      if (next !== null && next <= now()) await look(schedule);
    }
  }

  function nextOf(schedule: ScheduleRecord): number | null {
    return ticksAfter(schedule, new Date(schedule.seen), 1)[0]?.getTime() ?? null;
  }

  async function arm(): Promise<void> {
    clearTimeout(timer);
    const nexts = (await schedules.all()).filter(({ paused }) => !paused).flatMap((schedule) => nextOf(schedule) ?? []);
    const wait = Math.min(longestWait, Math.max(0, Math.min(...nexts) - now()));
    clearTimeout(timer);
    if (running && nexts.length > 0) timer = setTimeout(tick, wait).unref();
  }

  function tick(): void {
    void oneAtATime(async () => {
      if (!running) return;
      await pass().catch(unlessEngine);
      await arm();
    }).catch(onError);
  }

  function unlessEngine(error: unknown): void {
    if (!(error instanceof Problem)) onError(error);
  }

  return {
    /** From now on; first what was missed. */
    start(): void {
      running = true;
      tick();
    },
    /** When the next tick comes may have changed. */
    rearm: (): void => void oneAtATime(arm).catch(onError),
    async stop(): Promise<void> {
      running = false;
      clearTimeout(timer);
      await oneAtATime(async () => undefined);
    },
  };
}
