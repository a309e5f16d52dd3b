/** The log of an execution: what there is, or all of it until the end, whatever happens to the gateway meanwhile. */
import { setTimeout as wait } from 'node:timers/promises';
import type { JobExecution, LogLine } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import { createTerminalFilter, terminalText } from '@bine/client/terminal-text';
import { asProblem, type Client } from '../client.ts';
import { jsonText } from '../terminal.ts';
import type { Context } from '../verb.ts';
import { inExecution, isOver, type InExecution } from './executions.ts';

type Reading = { signal: AbortSignal; onLine: (line: LogLine) => void };

/** How long a gateway may be away while its log is followed, in milliseconds. */
const patience = 120_000;

/** Each line once, from the one after `after` until the execution is over, also across restarts of the gateway. */
export async function followLog(
  client: Client,
  { project, execution }: InExecution,
  { after = 0, signal, onLine }: Reading & { after?: number },
): Promise<JobExecution> {
  let [last, since] = [after, Date.now()];
  for (;;) {
    try {
      for await (const line of await client.api.executions.log({ project, execution, after: last }, { signal })) {
        [last, since] = [line.seq, Date.now()];
        onLine(line);
      }
      const now = await client.api.executions.get({ project, execution });
      if (isOver(now)) return now;
    } catch (error) {
      signal.throwIfAborted();
      const problem = asProblem(error);
      const lasting = problem instanceof Problem && !passing.has(problem.code);
      if (lasting || Date.now() - since > patience) throw problem;
    }
    await wait(300, undefined, { signal });
  }
}

/** What a gateway that restarts looks like from here. */
const passing = new Set(['conflict', 'internal', 'starting', 'timeout', 'cancelled', 'engine-unavailable']);

/** Resolves when it is over; nothing of its log is read. */
export function untilOver(client: Client, execution: JobExecution, signal: AbortSignal): Promise<JobExecution> {
  return followLog(client, inExecution(execution), { after: Number.MAX_SAFE_INTEGER, signal, onLine: () => {} });
}

/** A log that is read up to now has ended when nothing came for this long, in milliseconds. */
const quiet = 500;

/** What there is by now. */
export async function readLog(client: Client, one: JobExecution, { signal, onLine }: Reading): Promise<void> {
  if (isOver(one)) {
    await followLog(client, inExecution(one), { signal, onLine });
    return;
  }
  const enough = new AbortController();
  let timer = setTimeout(() => enough.abort(), 10 * quiet);
  const asked = new Date().toISOString();
  try {
    for await (const line of await client.api.executions.log(inExecution(one), { signal: AbortSignal.any([signal, enough.signal]) })) {
      clearTimeout(timer);
      if (line.time > asked) return;
      onLine(line);
      timer = setTimeout(() => enough.abort(), quiet);
    }
  } catch (error) {
    if (!enough.signal.aborted) throw asProblem(error);
  } finally {
    clearTimeout(timer);
  }
}

/** To where the program wrote it, safe for a terminal; Bine's own words go to stderr. */
export function lineWriter({ host, terminal, json }: Pick<Context, 'host' | 'terminal' | 'json'>): {
  write(line: LogLine): void;
  end(): void;
} {
  if (json) return { write: (line) => terminal.print(jsonText(line)), end: () => {} };
  const filters = { stdout: createTerminalFilter(), stderr: createTerminalFilter() };
  return {
    write({ stream, text }) {
      if (stream === 'system') host.stderr.write(terminal.style('dim', terminalText(text)));
      else host[stream].write(filters[stream].write(text));
    },
    end() {
      for (const stream of ['stdout', 'stderr'] as const) host[stream].write(filters[stream].end());
    },
  };
}
