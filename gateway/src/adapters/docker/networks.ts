/**
 * Networks of this gateway's own: out to the world, but not to each other, to this machine or to private networks. Each project whose kernels run has
 * one. Making it takes longer than starting a container, so it stays for a while when nobody holds it any more; but engines have room for about
 * thirty, so jobs, which come and go, share one on which no container can reach another, and so do builds.
 */
import { Problem } from '@bine/shared/problems';
import type { Firewall } from '../../ports/egress.ts';
import type { Docker } from './docker.ts';
import { remembered } from '../../lib/remembered.ts';

export type ProjectNetworks = {
  /** Name of one that is there, and stays. */
  shared(use: SharedUse): Promise<string>;
  /** Makes sure it is there until it is released as often as it was held. */
  hold(projectId: string, signal: AbortSignal): Promise<void>;
  /** Removes it some time after the last hold. */
  release(projectId: string): void;
  /** Removes those that nobody holds: a gateway that died left them behind. */
  removeUnheld(signal: AbortSignal): Promise<void>;
  /** Removes those that only linger. */
  [Symbol.asyncDispose](): Promise<void>;
};

export type SharedUse = 'jobs' | 'builds';

type Parts = {
  docker: Pick<Docker, 'networks'>;
  firewall: Pick<Firewall, 'bridgeOf' | 'ensure' | 'state'>;
  gateway: string;
  onError: (error: unknown) => void;
  linger?: number;
};

const engineMilliseconds = 60_000;
/** Somebody may have removed it. */
const sharedMilliseconds = 60_000;

export const networkOf = (projectId: string): string => `bine-${projectId}`;

/** @param linger milliseconds */
export function createProjectNetworks({ docker, firewall, gateway, onError, linger = 60_000 }: Parts): ProjectNetworks {
  const holds = new Map<string, number>();
  const lingering = new Map<string, NodeJS.Timeout>();
  const inTurn = createTurns();

  async function make({ name, labels }: { name: string; labels: Record<string, string> }, signal: AbortSignal): Promise<void> {
    const bridge = firewall.bridgeOf(name);
    const made = await docker.networks.list(labels, signal);
    // One of an older version goes unless something runs on it.
    const older = made.filter((network) => network.bridge !== bridge);
    for (const network of older) if (await docker.networks.remove(network.name, signal)) made.splice(made.indexOf(network), 1);
    if (made.length === 0) await docker.networks.create({ name, bridge, labels }, signal);
    if (made.length === 0 || !firewall.state().enforced) await firewall.ensure();
  }

  const makeOfProject = (projectId: string, signal: AbortSignal) =>
    make({ name: networkOf(projectId), labels: { 'bine.gateway': gateway, 'bine.project': projectId } }, signal);

  function share(use: SharedUse): () => Promise<string> {
    return remembered(sharedMilliseconds, async () => {
      const name = sharedName(gateway, use);
      const labels = { 'bine.gateway': gateway, 'bine.network': use };
      await withRoom(() => inTurn(use, () => make({ name, labels }, AbortSignal.timeout(engineMilliseconds))));
      return name;
    });
  }
  const shared = { jobs: share('jobs'), builds: share('builds') };

  function removeUnlessHeld(projectId: string, name: string, signal?: AbortSignal): Promise<void> {
    return inTurn(projectId, async () => {
      if (holds.has(projectId)) return;
      clearTimeout(lingering.get(projectId));
      lingering.delete(projectId);
      await docker.networks.remove(name, signal);
    });
  }

  const removeLingering = () => Promise.all([...lingering.keys()].map((projectId) => removeUnlessHeld(projectId, networkOf(projectId))));

  /** Where there may be none for another network, those that only linger go, and it is tried once more. */
  async function withRoom(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (lingering.size === 0 || !(error instanceof Problem) || error.code === 'engine-unavailable') throw error;
      await removeLingering();
      await work();
    }
  }

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
    shared: (use) => shared[use](),
    release,
    async hold(projectId, signal) {
      holds.set(projectId, (holds.get(projectId) ?? 0) + 1);
      clearTimeout(lingering.get(projectId));
      lingering.delete(projectId);
      try {
        await withRoom(() => inTurn(projectId, () => makeOfProject(projectId, signal)));
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
      // Those on which something runs stay.
      for (const use of ['jobs', 'builds'] as const) await docker.networks.remove(sharedName(gateway, use)).catch(unlessAway(onError));
    },
  };
}

const sharedName = (gateway: string, use: SharedUse): string => `bine-${use}-${gateway}`;

function unlessAway(onError: (error: unknown) => void): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof Problem) || error.code !== 'engine-unavailable') onError(error);
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
