/**
 * Where packages are installed: code of foreign packages may run there. It runs as a user of its own without any capability, within limits,
 * on a network on which nothing else is, and writes no cache that another project, or another gateway, reads.
 */
import { remembered } from '../../lib/remembered.ts';
import type { ContainerSpec, Docker } from '../docker/docker.ts';
import { certificates } from './certificates.ts';

/**
 * Who owns the packages of environments, and who installs them. Not who kernels and jobs run as: those may not change them. No
 * distribution, and no systemd, gives this id to anybody.
 */
export const builderUser = { uid: 61_000, gid: 61_000 };
/** On images whose packages are that user's. */
export const builderLabel = { 'bine.builder': `${builderUser.uid}` };

/** Who shares what was downloaded: a project's environments; those that come with Bine; nobody. */
export type Cache = { project: string } | 'bundled' | 'none';

export type BuildPlace = {
  /** What a container has for it, whatever it builds. */
  spec(cache: Cache): Promise<Pick<ContainerSpec, 'user' | 'network' | 'limits' | 'mounts'>>;
  /** What was downloaded for it goes. */
  removeCache(project: string): Promise<void>;
  /** Of caches: that of earlier versions, which all projects shared, and those of projects that there are no more. */
  removeOldCaches(isKnown: (project: string) => Promise<boolean>, signal: AbortSignal): Promise<void>;
};

/** Of versions that let all builds on an engine share one. */
const sharedByAll = 'bine-uv-cache';
const capacityMilliseconds = 30_000;
const mostMemory = 4 * 2 ** 30;
const mostCores = 2;
const processes = 512;

/** @param parts `network` makes sure of the one that builds have, and names it */
export function createBuildPlace({
  docker,
  gateway,
  network,
}: {
  docker: Docker;
  gateway: string;
  network(): Promise<string>;
}): BuildPlace {
  const labels = { 'bine.gateway': gateway, 'bine.role': 'cache' };
  const cacheOf = (project: string) => `bine-cache-${gateway}-${project}`;
  const limits = remembered(capacityMilliseconds, async () => {
    const { cores, memory } = await docker.capacity();
    return {
      memory: Math.min(mostMemory, Math.floor((memory * 2 ** 20) / 2)),
      cores: Math.min(mostCores, cores),
      processes,
      sharedMemory: 64 * 2 ** 20,
    };
  });

  async function volume(cache: Cache): Promise<{ source?: string }> {
    if (cache === 'none') return {};
    const [source, more] = cache === 'bundled' ? [cacheOf('bundled'), {}] : [cacheOf(cache.project), { 'bine.project': cache.project }];
    await docker.volumes.create(source, { ...labels, ...more });
    return { source };
  }

  return {
    async spec(cache) {
      const [source, name] = await Promise.all([volume(cache), network()]);
      return {
        user: `${builderUser.uid}:${builderUser.gid}`,
        network: name,
        limits: await limits(),
        mounts: [...certificates().mounts, { ...source, target: '/cache/uv', volume: true }],
      };
    },
    removeCache: async (project) => void (await docker.volumes.remove(cacheOf(project))),
    async removeOldCaches(isKnown, signal) {
      await docker.volumes.remove(sharedByAll, signal);
      for (const { name, labels: of } of await docker.volumes.list(labels, signal)) {
        const project = of['bine.project'];
        if (project !== undefined && !(await isKnown(project))) await docker.volumes.remove(name, signal);
      }
    },
  };
}

/** What programs that build find in their environment, besides what they are told of package indexes. */
export const buildEnvironment: Record<string, string> = {
  HOME: '/tmp',
  UV_CACHE_DIR: '/cache/uv',
  // The cache and the image are different file systems: uv's hard links cannot work, and trying costs a warning.
  UV_LINK_MODE: 'copy',
  // What a package's build leaves somewhere is no configuration.
  UV_NO_CONFIG: '1',
};
