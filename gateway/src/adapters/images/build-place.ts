/**
 * Where packages are installed: code of foreign packages may run there. It runs as a user of its own without any capability, within limits,
 * on a network on which nothing else is, and writes no cache that another project, or another gateway, reads.
 */
import { Problem } from '@bine/shared/problems';
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
  /** Of what nothing runs on any more. */
  removeNetwork(): Promise<void>;
};

/** Of versions that let all builds on an engine share one. */
const sharedByAll = 'bine-uv-cache';
/** A network that somebody removed is made again. */
const networkMilliseconds = 30_000;
const mostMemory = 4 * 2 ** 30;
const mostCores = 2;
const processes = 512;

export function createBuildPlace({ docker, gateway }: { docker: Docker; gateway: string }): BuildPlace {
  const network = `bine-builds-${gateway}`;
  const labels = { 'bine.gateway': gateway, 'bine.role': 'cache' };
  const cacheOf = (project: string) => `bine-cache-${gateway}-${project}`;
  const ready = remembered(networkMilliseconds, () => docker.networks.create(network, { 'bine.gateway': gateway, 'bine.role': 'build' }));
  const limits = remembered(networkMilliseconds, async () => {
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
      const [source] = await Promise.all([volume(cache), ready()]);
      return {
        user: `${builderUser.uid}:${builderUser.gid}`,
        network,
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
    async removeNetwork() {
      try {
        await docker.networks.remove(network);
      } catch (error) {
        // An engine that is away keeps it for the next gateway.
        if (!(error instanceof Problem) || error.code !== 'engine-unavailable') throw error;
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
