/** How long the logs of kernels that ended are kept: for a time, and no more than there is room for, the newest longest. */
import type { KernelFolders } from '../../ports/run-archive.ts';
import type { KernelRows } from '../../ports/state/kernels.ts';

export type Retention = { days: number; bytes: number };

export type RetentionParts = {
  rows: KernelRows;
  folders: KernelFolders;
  isRunning: (id: string) => boolean;
  now: () => number;
  keep: Retention;
};

export const defaultRetention: Retention = { days: 30, bytes: 20 * 2 ** 30 };

const day = 24 * 3_600_000;

/** Forgets what is too old or too much. */
export async function forgetOld({ rows, folders, isRunning, now, keep }: RetentionParts): Promise<void> {
  const oldest = new Date(now() - keep.days * day).toISOString();
  let left = keep.bytes;
  for (const { id, lastActivity } of await rows.ended()) {
    if (isRunning(id)) continue;
    left -= await folders.size(id);
    if (left < 0 || lastActivity < oldest) await forget({ rows, folders }, id);
  }
}

/** The folder first: what a crash leaves in between is found again by its row. */
export async function forget({ rows, folders }: Pick<RetentionParts, 'rows' | 'folders'>, id: string): Promise<void> {
  await folders.remove(id);
  await rows.remove(id);
}
