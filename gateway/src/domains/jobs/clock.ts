/** Executes jobs at the ticks of their schedules, and makes up for those that came while nobody was there, as each schedule says. */
import { Problem } from '@bine/shared/problems';
import type { ScheduleRecord, ScheduleRows } from '../../adapters/store/schedules.ts';
import { ticksAfter, ticksBetween } from '../../lib/cron.ts';
import { createMutex } from '../../lib/mutex.ts';
import type { ProjectFolder } from '../projects/projects.ts';
import { inputsOf } from './definitions.ts';
import type { Executions } from './executions.ts';
import type { Common } from './parts.ts';

export type ClockParts = Pick<Common, 'projects' | 'rows' | 'onError'> & {
  schedules: ScheduleRows;
  executions: Pick<Executions, 'submit'>;
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
  const { schedules, projects, now, onError } = parts;
  const oneAtATime = createMutex();
  let timer: NodeJS.Timeout | undefined;
  let running = false;

  async function execute(schedule: ScheduleRecord, project: ProjectFolder, tick: Date): Promise<void> {
    const job = await parts.rows.jobs.get(project.id, schedule.job);
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

  async function look(schedule: ScheduleRecord): Promise<void> {
    const until = new Date(now());
    const project = await projects.byId(schedule.projectId);
    for (const tick of project && !schedule.paused ? due(schedule, until) : []) {
      // A schedule whose job cannot run goes on: somebody may mend it.
      await execute(schedule, project!, tick).catch((error: unknown) => onError(error));
    }
    await schedules.update(schedule.id, { seen: until.toISOString() });
  }

  function due(schedule: ScheduleRecord, until: Date): Date[] {
    const ticks = ticksBetween(schedule, { after: new Date(schedule.seen), until, most: mostMadeUp });
    const missed = ticks.filter((tick) => until.getTime() - tick.getTime() > onTimeMilliseconds);
    const wanted = { none: [], last: missed.slice(-1), all: missed }[schedule.missed];
    return [...wanted, ...ticks.slice(missed.length)];
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
