/**
 * A network for each project in which something runs: out to the world, but not to each other. Making one takes longer than starting
 * a container, so it stays for a while when nobody holds it any more; but engines have room for about thirty.
 */
import { Problem } from '@bine/shared/problems';
import type { Docker } from '../../adapters/docker/docker.ts';
import { networkOf } from './container.ts';

export type ProjectNetworks = {
  /** Name of one that need not be held, where the engine's own keeps containers apart: they are on it sooner. null: hold the project's. */
  shared(): Promise<string | null>;
  /** Makes sure it is there until it is released as often as it was held. */
  hold(projectId: string, signal: AbortSignal): Promise<void>;
  /** Removes it some time after the last hold. */
  release(projectId: string): void;
  /** Removes those that nobody holds: a gateway that died left them behind. */
  removeUnheld(signal: AbortSignal): Promise<void>;
  /** Removes those that only linger. */
  [Symbol.asyncDispose](): Promise<void>;
};

type Parts = { docker: Pick<Docker, 'networks'>; gateway: string; onError: (error: unknown) => void; linger?: number };

/** @param linger milliseconds */
export function createProjectNetworks({ docker, gateway, onError, linger = 60_000 }: Parts): ProjectNetworks {
  const holds = new Map<string, number>();
  const lingering = new Map<string, NodeJS.Timeout>();
  const inTurn = createTurns();

  async function make(projectId: string, signal: AbortSignal): Promise<void> {
    const labels = { 'bine.gateway': gateway, 'bine.project': projectId };
    const made = await docker.networks.list(labels, signal);
    if (made.length === 0) await docker.networks.create(networkOf(projectId), labels, signal);
  }

  function removeUnlessHeld(projectId: string, name: string, signal?: AbortSignal): Promise<void> {
    return inTurn(projectId, async () => {
      if (holds.has(projectId)) return;
      clearTimeout(lingering.get(projectId));
      lingering.delete(projectId);
      await docker.networks.remove(name, signal);
    });
  }

  const removeLingering = () => Promise.all([...lingering.keys()].map((projectId) => removeUnlessHeld(projectId, networkOf(projectId))));

  function release(projectId: string): void {
    const left = (holds.get(projectId) ?? 1) - 1;
    if (left > 0) {
      holds.set(projectId, left);
      return;
    }
    holds.delete(projectId);
    const remove = () => void removeUnlessHeld(projectId, networkOf(projectId)).catch(onError);
    lingering.set(projectId, setTimeout(remove, linger).unref());
  }

  return {
    shared: docker.networks.shared,
    release,
    async hold(projectId, signal) {
      holds.set(projectId, (holds.get(projectId) ?? 0) + 1);
      clearTimeout(lingering.get(projectId));
      lingering.delete(projectId);
      try {
        await inTurn(projectId, () => make(projectId, signal)).catch(async (error: unknown) => {
          if (lingering.size === 0 || !(error instanceof Problem) || error.code === 'engine-unavailable') throw error;
          // There may be no room for another one.
          await removeLingering();
          await inTurn(projectId, () => make(projectId, signal));
        });
      } catch (error) {
        release(projectId);
        throw error;
      }
    },
    async removeUnheld(signal) {
      const made = await docker.networks.list({ 'bine.gateway': gateway, 'bine.project': '' }, signal);
      for (const { name, labels } of made) await removeUnlessHeld(labels['bine.project'] ?? '', name, signal);
    },
    async [Symbol.asyncDispose]() {
      await removeLingering().catch(onError);
    },
  };
}

/** One after the other for each project: a removal must not cross a creation. */
function createTurns() {
  const turns = new Map<string, Promise<unknown>>();
  return <T>(projectId: string, work: () => Promise<T>): Promise<T> => {
    const mine = (turns.get(projectId) ?? Promise.resolve()).then(work);
    const settled = mine.catch(() => undefined);
    turns.set(projectId, settled);
    void settled.then(() => turns.get(projectId) === settled && turns.delete(projectId));
    return mine;
  };
}
