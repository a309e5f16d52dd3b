/**
 * Workloads that nobody knows: the backend died between making or removing one and saying so. They go some time later, once it is known what
 * runs.
 */
import { Problem } from '@bine/shared/problems';
import type { Compute, WorkloadRole, WorkloadSummary } from '../../ports/compute.ts';

export type Strays = {
  compute: Pick<Compute, 'list' | 'remove'>;
  role: WorkloadRole;
  isKnown(found: WorkloadSummary): boolean;
};

export async function removeStrays({ compute, role, isKnown }: Strays): Promise<void> {
  try {
    // Asked after the list: one that is made meanwhile is not in it.
    for (const found of await compute.list(role)) if (!isKnown(found)) await compute.remove(found.ref);
  } catch (error) {
    // The next round finds them.
    if (!(error instanceof Problem) || error.code !== 'engine-unavailable') throw error;
  }
}
