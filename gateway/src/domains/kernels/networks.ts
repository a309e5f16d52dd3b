/** A network for each project that has kernels: out to the world, but not to each other. Engines have room for about thirty. */
import type { Docker } from '../../adapters/docker/docker.ts';
import { networkOf } from './container.ts';

export type ProjectNetworks = {
  /** Makes sure it is there until it is released as often as it was held. */
  hold(projectId: string, signal: AbortSignal): Promise<void>;
  /** Removes it with the last hold. */
  release(projectId: string): Promise<void>;
  /** Removes those that nobody holds: a gateway that died left them behind. */
  removeUnheld(signal: AbortSignal): Promise<void>;
};

export function createProjectNetworks(docker: Pick<Docker, 'networks'>, gateway: string): ProjectNetworks {
  const holds = new Map<string, number>();
  const turns = new Map<string, Promise<unknown>>();

  /** One after the other for each project: a removal must not cross a creation. */
  function inTurn<T>(projectId: string, work: () => Promise<T>): Promise<T> {
    const mine = (turns.get(projectId) ?? Promise.resolve()).then(work);
    const settled = mine.catch(() => undefined);
    turns.set(projectId, settled);
    void settled.then(() => turns.get(projectId) === settled && turns.delete(projectId));
    return mine;
  }

  function letGo(projectId: string): void {
    const left = (holds.get(projectId) ?? 1) - 1;
    if (left > 0) holds.set(projectId, left);
    else holds.delete(projectId);
  }

  async function removeUnlessHeld(projectId: string, name: string, signal?: AbortSignal): Promise<void> {
    await inTurn(projectId, async () => {
      if (!holds.has(projectId)) await docker.networks.remove(name, signal);
    });
  }

  return {
    async hold(projectId, signal) {
      holds.set(projectId, (holds.get(projectId) ?? 0) + 1);
      const labels = { 'bine.gateway': gateway, 'bine.project': projectId };
      try {
        await inTurn(projectId, async () => {
          const made = await docker.networks.list(labels, signal);
          if (made.length === 0) await docker.networks.create(networkOf(projectId), labels, signal);
        });
      } catch (error) {
        letGo(projectId);
        throw error;
      }
    },
    async release(projectId) {
      letGo(projectId);
      await removeUnlessHeld(projectId, networkOf(projectId));
    },
    async removeUnheld(signal) {
      const made = await docker.networks.list({ 'bine.gateway': gateway }, signal);
      for (const { name, labels } of made) await removeUnlessHeld(labels['bine.project'] ?? '', name, signal);
    },
  };
}
