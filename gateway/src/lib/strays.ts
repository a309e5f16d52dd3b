/** Containers that nobody knows: the engine died between making or removing one and saying so. They go some time later, once it is known what runs. */
import { Problem } from '@bine/shared/problems';

type Found = { id: string; labels: Record<string, string> };

export type Strays = {
  list(): Promise<Found[]>;
  isKnown(found: Found): boolean;
  remove(id: string): Promise<void>;
};

export async function removeStrays({ list, isKnown, remove }: Strays): Promise<void> {
  try {
    // Asked after the list: one that is made meanwhile is not in it.
    for (const found of await list()) if (!isKnown(found)) await remove(found.id);
  } catch (error) {
    // The next round finds them.
    if (!(error instanceof Problem) || error.code !== 'engine-unavailable') throw error;
  }
}
