/** At the gateway's start: the kernels that run are found again, and those that ended meanwhile are known to have ended. */
import type { ContainerSummary, Docker } from '../../adapters/docker/docker.ts';
import type { KernelRecord, KernelRows } from '../../ports/state/kernels.ts';
import { causeOfEnd, causeOfKernelEnd } from './cause.ts';
import { gpusFromLabels, kernelsOf, recordFromLabels } from './container.ts';

export type ReconcileParts = {
  docker: Docker;
  rows: KernelRows;
  gateway: string;
  /** Takes up a kernel: one whose container runs, or one that was about to start. false: its project is gone. */
  takeUp: (record: KernelRecord, found?: { container: string; gpus: string[] }) => Promise<boolean>;
  /** Tells and remembers that it ended. */
  bury: (record: KernelRecord, cause: string) => Promise<void>;
};

export async function reconcileKernels(parts: ReconcileParts, signal: AbortSignal): Promise<void> {
  const { docker, rows, gateway } = parts;
  const containers = await docker.list(kernelsOf(gateway), signal);
  const seen = new Set<string>();
  for (const container of containers) {
    const id = await reconcileContainer(parts, container, signal);
    if (id) seen.add(id);
  }
  for (const record of await rows.unended()) {
    if (seen.has(record.id)) continue;
    // Its start was cut off before there was a container: whoever asked for it still wants it.
    if (!isStarting(record) || !(await parts.takeUp(record))) await parts.bury(record, causeOfEnd(null, record.memory));
  }
}

/** @returns the id of the kernel that now has this container */
async function reconcileContainer(parts: ReconcileParts, container: ContainerSummary, signal: AbortSignal): Promise<string | null> {
  const { docker, rows } = parts;
  const fromLabels = recordFromLabels(container.labels);
  const row = fromLabels && (await rows.get(fromLabels.id));
  // Without a row, the database was lost or put back: the labels say enough to go on.
  const record = row ?? fromLabels;
  if (record && container.running) {
    if (await parts.takeUp(record, { container: container.id, gpus: gpusFromLabels(container.labels) })) return record.id;
  } else if (row && !isOver(row) && !isStarting(row)) {
    const found = await docker.inspect(container.id, signal);
    await parts.bury(row, await causeOfKernelEnd(docker, { container: container.id, found, memory: row.memory, signal }));
  }
  await docker.remove(container.id, signal);
  return null;
}

/** Where there is no container, or one that never ran, the start is done again. */
function isStarting({ state }: KernelRecord): boolean {
  return state === 'starting' || state === 'building';
}

function isOver({ state }: KernelRecord): boolean {
  return state === 'dead' || state === 'stopped';
}
