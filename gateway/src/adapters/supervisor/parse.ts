/** What a supervisor tells, checked: a program in the container can speak in its place. */
import { Execution } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import { z } from 'zod';
import { DamagedRecord } from './records.ts';
import type { Item } from './records.ts';

const count = z.int().min(0);

const State = z.object({
  state: z.enum(['starting', 'idle', 'busy', 'restarting', 'dead']),
  epoch: count,
  head: count,
  oldest: count,
  lastActivity: count,
  memoryUsed: count.nullable(),
  cpuUsed: z.number().min(0).nullable(),
  cause: z.string().max(4096).nullable(),
});

const Told = z.union([
  z.object({ state: State }),
  z.object({ call: count, error: z.object({ code: z.enum(['invalid', 'conflict']), detail: z.string().max(8192) }) }),
  z.object({ call: count, result: z.unknown() }),
]);
export type Told = z.infer<typeof Told>;

/** A control record. @throws DamagedRecord */
export function parseTold(item: Item): Told {
  const told = item.control ? Told.safeParse(parseJson(item.frames[0]!)) : null;
  if (!told?.success) throw new DamagedRecord('the supervisor said something that is not known');
  return told.data;
}

/** @throws Problem `internal` */
export function parseExecutions(value: unknown): Execution[] {
  const executions = z.array(Execution).safeParse(value);
  if (!executions.success) throw new Problem('internal', "The list of what the kernel ran cannot be read: it isn't the supervisor's.");
  return executions.data;
}

/**
 * An execution of a kernel that is gone, from a line of its journal. What was open then cannot end any more. null: the line was torn by a
 * crash, or written by a program of the user's.
 */
export function parseJournalLine(line: Uint8Array): Execution | null {
  const execution = Execution.safeParse(parseJson(line));
  return execution.success ? closed(execution.data) : null;
}

function closed(execution: Execution): Execution {
  if (execution.state === 'running') return { ...execution, state: 'unknown' };
  return execution.state === 'queued' ? { ...execution, state: 'aborted' } : execution;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch {
    return undefined;
  }
}
