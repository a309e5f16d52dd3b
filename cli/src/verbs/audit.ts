/** `bine audit` */
import type { AuditEntry } from '@bine/shared';
import { asProblem, type Client } from '../client.ts';
import { jsonText } from '../terminal.ts';
import { defineVerb, wholeNumber, type Context } from '../verb.ts';

type Filter = { user?: string; key?: string; project?: string; since?: string; outcome?: string };

/** A time, or how long ago: `90m`, `24h`, `7d`. */
function parseSince(text: string): string {
  const [, number, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const seconds = { m: 60, h: 3600, d: 86_400 }[unit ?? ''];
  const time = seconds ? Date.now() - Number(number) * seconds * 1000 : Date.parse(text);
  if (Number.isNaN(time)) throw new TypeError('It must be a time such as 2026-01-31T12:00:00Z, or how long ago: 90m, 24h, 7d.');
  return new Date(time).toISOString();
}

function describe({ time, user, key, address, procedure, subject, outcome }: AuditEntry): string {
  const about = Object.entries(subject).map(([name, value]) => `${name}=${/[\s"]/.test(value) ? JSON.stringify(value) : value}`);
  return [time, user ?? '-', key ? `${key.id} (${key.name})` : '-', address ?? '-', procedure, outcome, about.join(' ')].join('  ');
}

export const audit = defineVerb<Filter & { limit: number; follow?: boolean }>({
  summary: 'Who did what, with which key, from where, and how it went; for administrators',
  examples: [
    ['--since 24h', 'the last day, oldest first'],
    ['--user maria --outcome refused', 'what she tried and may not do, or could not'],
    ['--project churn --follow', 'and what comes, until Ctrl+C'],
  ],
  options: [
    { flags: '--user <user>', summary: 'Of this user only' },
    { flags: '--key <id>', summary: 'With this key only' },
    { flags: '-p, --project <project>', summary: 'About this project only' },
    { flags: '--since <time>', summary: 'A time, or how long ago: 90m, 24h, 7d', parse: parseSince },
    { flags: '--outcome <outcome>', summary: '"ok", the code of a problem, or "refused" for all problems' },
    { flags: '-n, --limit <N>', summary: 'At most so many of the newest', default: 100, parse: wholeNumber(1, 100_000) },
    { flags: '-f, --follow', summary: 'Go on with what comes' },
  ],
  json: true,
  async run(context, { limit, follow = false, user, key, project, since, outcome }) {
    const client = await context.client();
    const given = { user, key, project, since, outcome };
    const filter = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Filter;
    const entries = await newest(client, filter, limit);
    if (context.json && !follow) return context.terminal.printJson(entries.toReversed());
    for (const entry of entries.toReversed()) show(entry, context);
    if (!follow) return undefined;
    try {
      const after = entries[0]?.id;
      for await (const entry of await client.api.audit.follow({ ...filter, ...(after !== undefined && { after }) })) show(entry, context);
    } catch (error) {
      throw asProblem(error);
    }
    return undefined;
  },
});

function show(entry: AuditEntry, { terminal, json }: Context): void {
  terminal.print(json ? jsonText(entry) : describe(entry));
}

/** Page after page. */
async function newest({ api }: Client, filter: Filter, limit: number): Promise<AuditEntry[]> {
  const found: AuditEntry[] = [];
  while (found.length < limit) {
    const before = found.at(-1)?.id;
    const wanted = Math.min(1000, limit - found.length);
    const page = await api.audit.list({ ...filter, limit: wanted, ...(before !== undefined && { before }) });
    found.push(...page);
    if (page.length < wanted) break;
  }
  return found;
}
