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
  try {
    if (parse({ cron, timezone }).nextRun()) return null;
    return { field: 'cron', problem: `${JSON.stringify(cron)} never comes` };
  } catch (error) {
    // croner's own sentence is of parts; ours is enough where their number is wrong.
    const parts = cron.trim().split(/\s+/).length;
    const shape = `${JSON.stringify(cron)} is not five fields (minute hour day month weekday) or six with seconds in front`;
    const why = (error as Error).message.replace(/^CronPattern: /, '').replace(/\.$/, '');
    return { field: 'cron', problem: parts === 5 || parts === 6 ? `${shape}: ${why}` : shape };
  }
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
