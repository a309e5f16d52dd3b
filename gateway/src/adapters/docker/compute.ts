/** Workloads as containers of one engine. */
import { Problem } from '@bine/shared/problems';
import { delay } from '../../lib/delay.ts';
import type { Owner } from '../../ports/accounts.ts';
import type { Compute, EndReason, WorkloadRef, WorkloadRole, WorkloadSpec, WorkloadStatus, WorkloadSummary } from '../../ports/compute.ts';
import type { ContainerSpec, ContainerState, ContainerSummary, Docker } from './docker.ts';
import type { ProjectNetworks } from './networks.ts';
import { networkOf } from './networks.ts';

type Mounts = NonNullable<ContainerSpec['mounts']>;

export type DockerComputeOptions = {
  docker: Docker;
  gateway: string;
  networks: ProjectNetworks;
  /** What gives an owner a name in containers. */
  accountNames: (owner: Owner) => Promise<Mounts>;
  /** What every container is given, so that it trusts whom the machine trusts. */
  certificates: { mounts: Mounts; environment: Record<string, string> };
};

/** Enough for any library's threads, too few to hurt the machine. */
const processes = 2048;
const awayRetryMs = 1000;
const signals: Record<number, string> = { 1: 'SIGHUP', 2: 'SIGINT', 6: 'SIGABRT', 9: 'SIGKILL', 11: 'SIGSEGV', 15: 'SIGTERM' };

export function createDockerCompute(options: DockerComputeOptions): Compute {
  const { docker, gateway, networks } = options;
  /** Projects whose network a container needs. */
  const holds = new Map<WorkloadRef, string>();
  const listed = (role: WorkloadRole) => ({ 'bine.gateway': gateway, 'bine.role': role });

  async function hold(ref: WorkloadRef, projectId: string, signal: AbortSignal): Promise<void> {
    if (holds.has(ref)) return;
    await networks.hold(projectId, signal);
    holds.set(ref, projectId);
  }

  function release(ref: WorkloadRef): void {
    const projectId = holds.get(ref);
    if (holds.delete(ref)) networks.release(projectId!);
  }

  /** @returns false: there is one of that name already */
  async function create(ref: WorkloadRef, spec: WorkloadSpec, network: string): Promise<boolean> {
    const container = toContainer(spec, { ...options, name: ref, network, names: await options.accountNames(spec.owner) });
    try {
      // Not by the signal: a creation that is cut off may leave a container that nobody knows.
      await docker.create(container);
      return true;
    } catch (error) {
      unless('conflict')(error);
      return false;
    }
  }

  return {
    refOf,
    async launch(spec, { onCreated, signal }) {
      const ref = refOf(spec.role, spec.name);
      let made: boolean;
      try {
        if (spec.network === 'project') await hold(ref, spec.projectId, signal);
        const network = spec.network === 'project' ? networkOf(spec.projectId) : await networks.shared('jobs');
        signal.throwIfAborted();
        made = await create(ref, spec, network);
      } catch (error) {
        release(ref);
        throw error;
      }
      onCreated?.(ref);
      signal.throwIfAborted();
      // An engine starts one that has ended once more.
      if (made || (await docker.inspect(ref, signal))?.begun !== true) await docker.start(ref);
      return ref;
    },
    adopt: hold,
    tidy: networks.removeUnheld,
    list: async (role, signal) => (await docker.list(listed(role), signal)).map(toSummary),
    status: async (ref, signal) => toStatus(await docker.inspect(ref, signal)),
    async untilOver(ref, signal) {
      while (!signal.aborted) {
        const { end } = toStatus(await inspectWhenUp(docker, ref, signal));
        if (end) return end;
        await docker.wait(ref, signal).catch(unless(...awayCodes));
      }
      throw signal.reason;
    },
    end: (ref, how) => (how === 'kill' ? docker.kill(ref) : docker.terminate(ref)),
    warnOfQuota: docker.warnOfQuota,
    async remove(ref) {
      await docker.remove(ref);
      release(ref);
    },
    async lastLines(ref, count, signal) {
      const lines: string[] = [];
      for await (const line of docker.output(ref, { follow: false, tail: count, signal })) lines.push(line);
      return lines;
    },
    written: (projectId, signal) => docker.written({ 'bine.gateway': gateway, 'bine.project': projectId }, signal),
    imageId: async (image, signal) => (await docker.images.inspect(image, signal))?.id ?? null,
    capacity: docker.capacity,
    async describe(signal) {
      const { name, version } = await docker.info(signal);
      return { name, version };
    },
  };
}

/** The engine gives a name once. */
const refOf = (role: WorkloadRole, name: string): WorkloadRef => `bine-${role}-${name}`;

type Naming = Pick<DockerComputeOptions, 'gateway' | 'certificates'> & { name: string; network: string; names: Mounts };

function toContainer(spec: WorkloadSpec, { gateway, certificates, name, network, names }: Naming): ContainerSpec {
  const memory = spec.limits.memory * 2 ** 20;
  const facts = Object.entries(spec.facts).map(([fact, value]) => [`bine.${fact}`, value]);
  return {
    name,
    image: spec.image,
    command: [...spec.command],
    user: `${spec.owner.uid}:${spec.owner.gid}`,
    workingDirectory: spec.workingDirectory,
    labels: {
      ...Object.fromEntries(facts),
      'bine.facts': Object.keys(spec.facts).join(','),
      'bine.gateway': gateway,
      'bine.role': spec.role,
      'bine.project': spec.projectId,
      'bine.gpus': spec.gpus.join(','),
    },
    environment: { ...certificates.environment, ...spec.environment },
    mounts: [
      ...certificates.mounts,
      ...names,
      ...spec.files.map(({ source, path, readOnly }) => ({ source, target: path, ...(readOnly && { readOnly }) })),
    ],
    network,
    limits: { memory, cores: spec.limits.cores, processes, sharedMemory: Math.floor(memory / 2) },
    gpus: [...spec.gpus],
  };
}

/** A container has the labels of its image, too. */
function toSummary({ name, labels, running }: ContainerSummary): WorkloadSummary {
  const facts = listIn(labels['bine.facts']).map((fact) => [fact, labels[`bine.${fact}`] ?? '']);
  return {
    ref: name,
    projectId: labels['bine.project'] ?? '',
    facts: Object.fromEntries(facts) as Record<string, string>,
    gpus: listIn(labels['bine.gpus']),
    running,
  };
}

const listIn = (text = ''): string[] => text.split(',').filter(Boolean);

function toStatus(found: ContainerState | null): WorkloadStatus {
  if (!found) return { begun: false, end: { type: 'removed' }, imageId: null };
  return { begun: found.begun, end: found.running ? null : endOf(found), imageId: found.image };
}

function endOf({ begun, exitCode, outOfMemory, error }: ContainerState): EndReason {
  if (outOfMemory) return { type: 'out-of-memory', exitCode };
  if (error !== '' || !begun) return { type: 'not-started', detail: error || 'the engine made it and did not start it' };
  const signal = signals[exitCode - 128];
  return signal ? { type: 'signalled', signal, exitCode } : { type: 'exited', exitCode };
}

/** What became of a container is known only when the engine is there again. */
async function inspectWhenUp(docker: Docker, ref: WorkloadRef, signal: AbortSignal): Promise<ContainerState | null> {
  while (!signal.aborted) {
    try {
      return await docker.inspect(ref, signal);
    } catch (error) {
      unless(...awayCodes)(error);
      await delay(awayRetryMs, signal);
    }
  }
  throw signal.reason;
}

/** An engine that goes away takes its answers along; a container that was removed cannot be waited for. */
const awayCodes = ['engine-unavailable', 'timeout', 'not-found', 'internal'];

function unless(...codes: readonly string[]): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof Problem) || !codes.includes(error.code)) throw error;
  };
}
