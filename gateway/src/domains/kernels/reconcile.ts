/** At the gateway's start: the kernels that run are found again, and those that ended meanwhile are known to have ended. */
import type { KernelRecord, KernelRows } from '../../ports/state/kernels.ts';
import type { Compute, WorkloadSummary } from '../../ports/compute.ts';
import { describeEnd } from '../compute/end-reason.ts';
import { causeOfKernelEnd } from './cause.ts';
import { recordFromFacts } from './workload.ts';

export type ReconcileParts = {
  compute: Compute;
  rows: KernelRows;
  /** Takes over a kernel: one whose workload runs, or one that was about to start. false: its project is gone. */
  adopt: (record: KernelRecord, found?: WorkloadSummary) => Promise<boolean>;
  /** Tells and remembers that it ended. */
  markDead: (record: KernelRecord, cause: string) => Promise<void>;
};

export async function reconcileKernels(parts: ReconcileParts, signal: AbortSignal): Promise<void> {
  const { compute, rows } = parts;
  const seen = new Set<string>();
  for (const workload of await compute.list('kernel', signal)) {
    const id = await reconcileWorkload(parts, workload, signal);
    if (id) seen.add(id);
  }
  for (const record of await rows.unended()) {
    if (seen.has(record.id)) continue;
    // Its start was cut off before there was a workload: whoever asked for it still wants it.
    if (!isStarting(record) || !(await parts.adopt(record))) await parts.markDead(record, describeEnd({ type: 'removed' }, record.memory));
  }
}

/** @returns the id of the kernel that now has this workload */
async function reconcileWorkload(parts: ReconcileParts, found: WorkloadSummary, signal: AbortSignal): Promise<string | null> {
  const { compute, rows } = parts;
  const fromFacts = recordFromFacts(found);
  const row = fromFacts && (await rows.get(fromFacts.id));
  // Without a row, the database was lost or put back: the facts say enough to go on.
  const record = row ?? fromFacts;
  if (record && found.running) {
    if (await parts.adopt(record, found)) return record.id;
  } else if (row && !isOver(row) && !isStarting(row)) {
    const { end } = await compute.status(found.ref, signal);
    const { memory } = row;
    await parts.markDead(row, await causeOfKernelEnd(compute, { workload: found.ref, end: end ?? { type: 'removed' }, memory, signal }));
  }
  await compute.remove(found.ref);
  return null;
}

/** Where there is no workload, or one that never ran, the start is done again. */
function isStarting({ state }: KernelRecord): boolean {
  return state === 'starting' || state === 'building';
}

function isOver({ state }: KernelRecord): boolean {
  return state === 'dead' || state === 'stopped';
}
