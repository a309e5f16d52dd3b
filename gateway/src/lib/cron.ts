/** When a cron expression is due. The sole importer of the library that knows. */
import { Cron } from 'croner';

export type When = { cron: string; timezone: string };

/** The field that cannot be used, and why. null: all is well. */
export function problemOf({ cron, timezone }: When): { field: 'cron' | 'timezone'; problem: string } | null {
  try {
    Intl.DateTimeFormat('en', { timeZone: timezone });
  } catch {
    return { field: 'timezone', problem: `${JSON.stringify(timezone)} is no time zone; write one as Europe/Stockholm or UTC` };
  }
  const wrong = wrongFields(cron);
  if (wrong !== null) return { field: 'cron', problem: wrong };
  try {
    if (parse({ cron, timezone }).nextRun()) return null;
    return { field: 'cron', problem: `${JSON.stringify(cron)} never comes` };
  } catch (error) {
    return { field: 'cron', problem: `${JSON.stringify(cron)} cannot be read: ${(error as Error).message.replace(/^CronPattern: /, '')}` };
  }
}

const ranges = [
  ['second', '0 to 59'],
  ['minute', '0 to 59'],
  ['hour', '0 to 23'],
  ['day of the month', '1 to 31'],
  ['month', '1 to 12 or JAN to DEC'],
  ['day of the week', '0 to 7 or SUN to SAT'],
] as const;

/** Which of its fields cannot be used, each tried alone. null: all can. */
function wrongFields(cron: string): string | null {
  const written = cron.trim();
  if (/^@\w+$/.test(written) && isReadable(written)) return null;
  const fields = written === '' ? [] : written.split(/\s+/);
  if (fields.length !== 5 && fields.length !== 6) {
    const count = `${fields.length} ${fields.length === 1 ? 'field' : 'fields'}`;
    return `${JSON.stringify(cron)} has ${count}; write five (minute hour day month weekday), or six with seconds in front`;
  }
  const first = 6 - fields.length;
  const wrong = fields.flatMap((field, at) => {
    const alone = fields.map((_, other) => (other === at ? field : '*')).join(' ');
    if (isReadable(alone)) return [];
    const [name, range] = ranges[first + at]!;
    return [`the ${name} ${JSON.stringify(field)} cannot be used (${range}; lists as 1,3, ranges as 1-5, steps as */2)`];
  });
  return wrong.length === 0 ? null : `In ${JSON.stringify(cron)}, ${wrong.join(' and ')}`;
}

function isReadable(cron: string): boolean {
  try {
    parse({ cron, timezone: 'UTC' });
    return true;
  } catch {
    return false;
  }
}

/** Of so many ticks, the gaps are looked at: enough for every day of a quarter. */
const looked = 100;

/** The least number of seconds between two of the next ticks. */
export function leastGap(when: When, from: Date): number {
  const ticks = ticksAfter(when, from, looked);
  return Math.min(...ticks.slice(1).map((tick, at) => (tick.getTime() - ticks[at]!.getTime()) / 1000));
}

/** The next `count` after that moment. */
export function ticksAfter(when: When, moment: Date, count: number): Date[] {
  return parse(when).nextRuns(count, moment);
}

/** The newest up to and including `until`, no older than `after`, and no more than `most`; oldest first. */
export function ticksBetween(when: When, { after, until, most }: { after: Date; until: Date; most: number }): Date[] {
  const cron = parse(when);
  const found: Date[] = [];
  for (const tick of cron.enumerate(after)) {
    if (tick > until) return found;
    found.push(tick);
    if (found.length > most) break;
  }
  if (found.length <= most) return found;
  // From the other end: runs are strictly before the reference, and to the second.
  const reference = new Date(Math.floor(until.getTime() / 1000) * 1000 + 1000);
  return cron.previousRuns(most, reference).sort((one, other) => one.getTime() - other.getTime());
}

function parse({ cron, timezone }: When): Cron {
  return new Cron(cron, { timezone, mode: '5-or-6-parts', paused: true });
}
