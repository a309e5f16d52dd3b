/**
 * Kernels: one container each, with a log on the host that outlives every client, the gateway and the kernel itself. What
 * runs is in memory, taken from the containers at start; the database is an index over that and over the logs.
 */
import type { Execution, Kernel } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { KernelRecord, KernelRows } from '../../ports/state/kernels.ts';
import type { Supervisors } from '../../ports/kernel-agent.ts';
import { newId } from '../../lib/id.ts';
import type { Events } from '../events/events.ts';
import { liveChannel, logChannel } from './channel.ts';
import type { KernelChannel } from './channel.ts';
import { followEnvironments } from './following.ts';
import type { FollowingParts } from './following.ts';
import { keepHouse } from './housekeeping.ts';
import type { Retention } from './retention.ts';
import { createRegistry, toKernel, withoutUse } from './registry.ts';
import type { KernelProjects, Registry } from './registry.ts';
import type { Admission, KernelUse } from '../capacity/admission.ts';
import type { Program } from '../capacity/disk-use.ts';
import type { ProjectRef } from '../capacity/limits.ts';
import { pickGpus, refuseImpossible } from '../compute/resources.ts';
import type { Wanted } from '../compute/resources.ts';
import type { RunningParts } from './running-kernel.ts';

export type KernelsParts = Omit<RunningParts, 'connect'> & {
  supervisors: Supervisors;
  projects: KernelProjects;
  inPlace: FollowingParts['inPlace'];
  rows: KernelRows;
  admission: Pick<Admission, 'machine' | 'refuseImpossible' | 'refuseKernel' | 'gpusTaken'>;
  /** @throws Problem `quota-exceeded` for a project that is over its disk quota */
  checkQuota: (project: ProjectRef) => Promise<void>;
  events: Pick<Events, 'publish'>;
  /** @throws Problem `no-space` where the disk is too full for anything new */
  refuseNewWork?: (what: string) => void;
  onError: (error: unknown) => void;
  /** Milliseconds since 1970. */
  now?: () => number;
  keep?: Retention;
};

export type StartKernel = Wanted & {
  project: string;
  environment: string;
  notebook?: string | undefined;
  secrets?: KernelRecord['secrets'];
};
/** `user`: who sends. */
type ChannelOptions = { since?: number; user: string; signal: AbortSignal };
/** How a kernel is named in a request. */
export type KernelName = { project: string; kernel: string };

export type Kernels = ReturnType<typeof createKernels>;

const controlMilliseconds = 60_000;

export function createKernels(parts: KernelsParts) {
  const running = { ...parts, connect: parts.supervisors.connect };
  const registry = createRegistry({ ...parts, running });
  const house = keepHouse({ ...parts, registry, now: parts.now ?? Date.now });
  const following = followEnvironments({ ...parts, registry });
  return {
    ...starting(parts, registry),
    ...asking(parts, registry),
    ...commanding(registry),
    ...following,
    ...house,
    /** How many have a workload, or are about to. */
    count: () => registry.all().length,
    /** Those of a project, for whoever has to warn or end them. */
    programs: (projectId: string): Program[] =>
      registry.ofProject(projectId).map((kernel) => ({
        id: kernel.id,
        warn: kernel.warn,
        end: (cause) => kernel.end({ state: 'dead', cause }),
      })),
    /** Absolute paths of the project's kernels' folders, those that ended too. */
    foldersOf: async (projectId: string): Promise<string[]> =>
      (await parts.rows.ofProject(projectId, { ended: true })).map(({ id }) => parts.folders.pathOf(id)),
    /** What they take at this moment. */
    uses: (): KernelUse[] =>
      registry.all().map((kernel) => {
        const { id, projectId, user, cores, memory, memoryUsed } = kernel.snapshot();
        const used = Math.ceil((memoryUsed ?? 0) / 2 ** 20);
        return { id, projectId, user, cores, memory, used, gpus: kernel.gpus.length, gpuIds: kernel.gpus };
      }),
    async [Symbol.asyncDispose](): Promise<void> {
      following.stopFollowing();
      await house[Symbol.asyncDispose]();
    },
  };
}

function starting(
  { environments, projects, rows, secrets, admission, checkQuota, refuseNewWork = () => undefined }: KernelsParts,
  registry: Registry,
) {
  /** What is left of earlier kernels of the notebook is no longer shown as dead. */
  async function putAway(projectId: string, project: string, notebook: string): Promise<void> {
    for (const record of await rows.ofProject(projectId, { ended: false })) {
      if (record.notebook !== notebook || record.state !== 'dead' || registry.get(record.id)) continue;
      registry.tell({ ...withoutUse(record), state: 'stopped' }, project);
    }
  }

  return {
    /** Answers at once; the kernel comes up behind it. */
    async start(wanted: StartKernel, user: string): Promise<Kernel> {
      const { environment, notebook = null, memory, cores, gpus: count, secrets: named = [] } = wanted;
      const project = await projects.folder(wanted.project);
      refuseNewWork('The kernel');
      const [machine, given] = await Promise.all([
        admission.machine(),
        secrets.check({ projectId: project.id, user, secrets: named }),
        environments.find({ projectId: project.id, environment }, AbortSignal.timeout(controlMilliseconds)),
      ]);
      refuseImpossible(wanted, machine);
      admission.refuseImpossible(project, amountOf(wanted), 'The kernel');
      if (!registry.all().some((kernel) => isOf(kernel.snapshot(), project.id, notebook))) await checkQuota(project);
      if (notebook !== null) await putAway(project.id, project.name, notebook);
      // Nothing is awaited from here on: of two starts at once, one finds the other's kernel.
      const others = registry.all();
      const old = others.find((kernel) => isOf(kernel.snapshot(), project.id, notebook) && !kernel.ending());
      const before = old?.snapshot();
      if (before && before.environment === environment && before.state !== 'dead') return toKernel(before, project.name);
      admission.refuseKernel(project, amountOf(wanted), { all: machine, except: old?.id });
      const gpus = pickGpus(count, machine.gpus, admission.gpusTaken(old?.id));
      const cause = before?.cause ?? `Its notebook went on in the environment "${environment}".`;
      const after = old?.end({ state: 'stopped', cause });
      const time = new Date().toISOString();
      const fresh = {
        revision: null,
        parts: [],
        state: 'starting',
        cause: null,
        started: time,
        lastActivity: time,
        epoch: 0,
        head: 0,
      } as const;
      const own = { secrets: named, ...given };
      const record = { id: newId(), projectId: project.id, environment, notebook, user, memory, cores, gpus: count, ...own, ...fresh };
      return toKernel(registry.run({ record, gpus, project, ...(after && { after }) }).snapshot(), project.name);
    },

    /** A new process in the same kernel; one that is over gets a new container too, and goes on in the same log. */
    async restart({ project: name, kernel: id }: KernelName, signal: AbortSignal): Promise<Kernel> {
      const { project, kernel, record } = await registry.find(name, id);
      if (kernel) {
        await kernel.renewSecrets();
        await kernel.connected()?.restart(AbortSignal.any([signal, AbortSignal.timeout(controlMilliseconds)]));
        return toKernel(kernel.snapshot(), name);
      }
      refuseNewWork('The kernel');
      const [machine] = await Promise.all([admission.machine(), secrets.check(record)]);
      refuseImpossible(record, machine);
      admission.refuseImpossible(project, amountOf(record), 'The kernel');
      await checkQuota(project);
      const others = registry.all();
      const revived = registry.get(id);
      if (revived) return toKernel(revived.snapshot(), name);
      const rival = others.find((other) => isOf(other.snapshot(), project.id, record.notebook));
      if (rival) {
        throw new Problem(
          'conflict',
          `The notebook "${record.notebook}" has another kernel by now (${rival.id}). Restart that one, or shut it down first.`,
        );
      }
      admission.refuseKernel(project, amountOf(record), { all: machine });
      const gpus = pickGpus(record.gpus, machine.gpus, admission.gpusTaken());
      const { memoryUsed: _memory, cpuUsed: _cpu, ...kept } = record;
      const again = { ...kept, state: 'starting', cause: null, lastActivity: new Date().toISOString() } as const;
      return toKernel(registry.run({ record: again, gpus, project }).snapshot(), name);
    },
  };
}

function asking({ supervisors, folders }: KernelsParts, registry: Registry) {
  return {
    list: registry.list,
    async get({ project, kernel: id }: KernelName): Promise<Kernel> {
      return toKernel((await registry.find(project, id)).record, project);
    },
    /** Kernels that have secrets, of one project or of all. */
    async secretUsers(projectId: string | null) {
      const all = projectId === null ? registry.all() : registry.ofProject(projectId);
      return all.map((kernel) => {
        const { notebook, secrets, user } = kernel.snapshot();
        const names = secrets.map(({ name }) => name);
        return { type: 'kernel' as const, project: kernel.project.name, id: kernel.id, title: notebook ?? kernel.id, names, user };
      });
    },
    async executions({ project, kernel: id }: KernelName): Promise<Execution[]> {
      const { kernel } = await registry.find(project, id);
      const supervisor = kernel?.connected();
      return supervisor ? supervisor.executions() : supervisors.readExecutions({ directory: folders.pathOf(id) });
    },
    async channel({ project, kernel: id }: KernelName, options: ChannelOptions): Promise<KernelChannel> {
      const { kernel, record } = await registry.find(project, id);
      if (kernel) return liveChannel(kernel, options);
      return logChannel(record, supervisors.readLog({ ...options, directory: folders.pathOf(id) }));
    },
  };
}

function commanding(registry: Registry) {
  return {
    async interrupt({ project, kernel: id }: KernelName, signal: AbortSignal): Promise<void> {
      const { kernel, record } = await registry.find(project, id);
      const supervisor = kernel?.connected();
      if (!supervisor) throw new Problem('conflict', `The kernel is ${record.state}: there is nothing to interrupt.`);
      await supervisor.interrupt(AbortSignal.any([signal, AbortSignal.timeout(controlMilliseconds)]));
    },

    /** Resolves when it is over. One that was over already is no longer shown. */
    async shutdown({ project, kernel: id }: KernelName, user: string): Promise<Kernel> {
      const { kernel, record } = await registry.find(project, id);
      if (kernel) {
        const { state, cause } = kernel.snapshot();
        await kernel.end({ state: 'stopped', cause: state === 'dead' ? cause : `${user} shut it down.` });
        return toKernel(kernel.snapshot(), project);
      }
      const stopped = { ...record, state: 'stopped' } as const;
      if (record.state !== 'stopped') registry.tell(stopped, project);
      return toKernel(stopped, project);
    },
  };
}

const amountOf = ({ cores, memory, gpus }: Wanted): Wanted => ({ cores, memory, gpus });

function isOf(record: { projectId: string; notebook: string | null }, projectId: string, notebook: string | null): boolean {
  return notebook !== null && record.projectId === projectId && record.notebook === notebook;
}
