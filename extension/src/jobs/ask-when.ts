/** When a job is executed by itself: what is usual is picked, the rest is written in words or as cron. */
import { type Choice, askTextOrBack, pickOrBack } from '../vs/ask.ts';
import type { Step } from '../vs/ask.ts';
import { cronWords, readCron } from './cron-words.ts';

/** null: now, once. */
export type When = { cron: string; timezone: string } | null;

type Asking = Omit<Step, 'placeholder'> & { now?: boolean; before?: When };

const usual = ['0 * * * *', '0 6 * * *', '0 6 * * 1-5', '0 6 * * 1'];

/** undefined: back was chosen. */
export async function askWhen({ now = false, before = null, ...step }: Asking): Promise<When | undefined> {
  const timezone = before?.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const every = (cron: string): Choice<string> => ({ label: `$(calendar) ${cronWords(cron) ?? cron}`, description: cron, value: cron });
  const choices = [
    ...(now ? [{ label: '$(play) Now', value: 'now' }] : []),
    ...(before && !usual.includes(before.cron) ? [every(before.cron)] : []),
    ...usual.map(every),
    { label: 'Other Times…', description: 'in words, or as cron writes them', value: 'other' },
  ];
  for (;;) {
    const picked = await pickOrBack<string>(choices, { ...step, placeholder: `When? Times are those of ${timezone}` });
    if (picked === null) return undefined;
    if (picked === 'now') return null;
    const cron = picked === 'other' ? await askTimes(step.title, before) : picked;
    if (cron !== null) return { cron, timezone };
  }
}

/** null: back to the choices. */
async function askTimes(title: string, before: When): Promise<string | null> {
  const text = await askTextOrBack({
    title,
    prompt: 'In words, or as cron: minute, hour, day, month, weekday',
    placeholder: 'every weekday at 07:30',
    value: before ? (cronWords(before.cron) ?? before.cron) : 'every day at 06:00',
    problem: (typed) => {
      const read = readCron(typed);
      return 'problem' in read ? read.problem : undefined;
    },
  });
  const read = text === null ? null : readCron(text);
  return read && 'cron' in read ? read.cron : null;
}
