/** Times of a schedule in words: what is usual can be read and typed, the rest is cron. */

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const two = (value: number | string) => String(value).padStart(2, '0');

/** `Every day at 06:00`; undefined: only cron can say it. */
export function cronWords(cron: string): string | undefined {
  const fields = cron.trim().split(/\s+/);
  if (fields.length !== 5) return undefined;
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields;
  if (month !== '*') return undefined;
  const isPlain = day === '*' && weekday === '*';
  const every = /^\*\/(\d+)$/.exec(minute)?.[1];
  if (isPlain && hour === '*' && minute === '*') return 'Every minute';
  if (isPlain && hour === '*' && every && 60 % Number(every) === 0) return `Every ${every} minutes`;
  if (!isNumber(minute, 59)) return undefined;
  if (isPlain && hour === '*') return minute === '0' ? 'Every hour' : `Every hour at ${two(minute)} past`;
  if (!isNumber(hour, 23)) return undefined;
  const at = `at ${two(hour)}:${two(minute)}`;
  if (isPlain) return `Every day ${at}`;
  if (weekday === '*') return isNumber(day, 31) ? `On day ${Number(day)} of every month ${at}` : undefined;
  if (day !== '*') return undefined;
  if (/^(?:1-5|mon-fri)$/i.test(weekday)) return `Every weekday ${at}`;
  const names = weekday.split(',').map(dayName);
  return names.every((name) => name !== undefined) ? `Every ${listed(names)} ${at}` : undefined;
}

function isNumber(text: string, most: number): boolean {
  return /^\d{1,2}$/.test(text) && Number(text) <= most;
}

function dayName(field: string): string | undefined {
  if (/^[0-7]$/.test(field)) return days[Number(field) % 7];
  return days.find((name) => name.slice(0, 3).toLowerCase() === field.toLowerCase());
}

const listed = (names: string[]) => (names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)}` : names[0]);

export type ReadCron = { cron: string } | { problem: string };

/** What is typed: words as `cronWords` writes them, or cron itself. */
export function readCron(typed: string): ReadCron {
  const text = typed.trim();
  if (/^(\S+\s+){4,5}\S+$/.test(text) && !/^(every|on|at|daily)\b/i.test(text)) return { cron: text };
  const cron = fromWords(text.toLowerCase());
  return cron === undefined
    ? {
        problem:
          'Write a time as every day at 06:00, every weekday at 7:30, every Monday and Friday at 18:00, every hour, or as cron does: 30 7 * * 1-5.',
      }
    : { cron };
}

function fromWords(text: string): string | undefined {
  const often = /^every (?:(\d+) )?(minute|hour)s?$/.exec(text);
  if (often) {
    const [, count = '1', unit] = often;
    if (unit === 'hour') return count === '1' ? '0 * * * *' : divides(24, count) ? `0 */${count} * * *` : undefined;
    return count === '1' ? '* * * * *' : divides(60, count) ? `*/${count} * * * *` : undefined;
  }
  const past = /^every hour at (\d{1,2}) past$/.exec(text)?.[1];
  if (past !== undefined) return isNumber(past, 59) ? `${Number(past)} * * * *` : undefined;
  const [, when = '', hour = '', minute = '0'] = /^(.*?)\s*\bat (\d{1,2})(?::(\d{2}))?$/.exec(text) ?? [];
  if (!isNumber(hour, 23) || !isNumber(minute, 59)) return undefined;
  const time = `${Number(minute)} ${Number(hour)}`;
  const day = /^on day (\d{1,2}) of every month$/.exec(when)?.[1];
  if (day !== undefined) return Number(day) >= 1 && isNumber(day, 31) ? `${time} ${Number(day)} * *` : undefined;
  if (/^(every day|daily|)$/.test(when)) return `${time} * * *`;
  const names = /^(?:every|on) (.+)$/.exec(when)?.[1];
  if (names === undefined) return undefined;
  if (/^weekdays?$/.test(names)) return `${time} * * 1-5`;
  const numbers = names.split(/,\s*|\s+and\s+/).map((name) => days.findIndex((each) => each.toLowerCase() === name.replace(/s$/, '')));
  return numbers.every((number) => number >= 0) ? `${time} * * ${numbers.join(',')}` : undefined;
}

const divides = (whole: number, count: string) => Number(count) > 0 && whole % Number(count) === 0;
