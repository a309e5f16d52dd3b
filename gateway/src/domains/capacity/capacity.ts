/** Who takes what of the machine, and what each project may take: for whoever asks, and for administrators to change. */
import type { Capacity, LimitChanges, ProjectLimits, ProjectUse } from '@bine/shared';
import { limitNames } from '@bine/shared';
import type { Principal } from '../access/principal.ts';
import type { Events } from '../events/events.ts';
import type { Admission, JobUse } from './admission.ts';
import { add, subtract, sum } from './amounts.ts';
import type { LimitsStore, ProjectRef } from './limits.ts';

export type CapacityParts = {
  admission: Admission;
  limits: LimitsStore;
  projects: { folder(name: string): Promise<ProjectRef>; ofMember(principal: Principal): Promise<ProjectRef[]> };
  jobs: () => JobUse[];
  waiting: () => { projectId: string; user: string; queued: number }[];
  disk: { usedBy(projectId: string): { bytes: number; measured: string } | null };
  events: Pick<Events, 'publish'>;
};

export type CapacityView = ReturnType<typeof createCapacity>;

export function createCapacity(parts: CapacityParts) {
  const { admission, limits, projects, jobs, waiting, disk, events } = parts;

  function useOf(projectId: string): ProjectUse {
    const running = jobs().filter((job) => job.projectId === projectId);
    const { kernels, ...byKernels } = admission.ofProject(projectId);
    const queued = waiting().filter((line) => line.projectId === projectId);
    const measured = disk.usedBy(projectId);
    return {
      ...add(byKernels, sum(running)),
      kernels,
      running: running.length,
      queued: queued.reduce((count, line) => count + line.queued, 0),
      disk: measured && Math.ceil(measured.bytes / 2 ** 20),
      diskMeasured: measured && measured.measured,
    };
  }

  const describe = ({ id, name }: ProjectRef): ProjectLimits => ({
    project: name,
    limits: limits.of(id),
    set: limits.setOf(id),
    use: useOf(id),
  });

  function describeUsers(projectId: string): Capacity['projects'][number]['users'] {
    const running = Map.groupBy(
      jobs().filter((job) => job.projectId === projectId),
      ({ user }) => user,
    );
    const lines = new Map(waiting().flatMap((line) => (line.projectId === projectId ? [[line.user, line.queued]] : [])));
    const users = [...new Set([...running.keys(), ...lines.keys()])].sort();
    return users.map((user) => ({ user, running: running.get(user)?.length ?? 0, queued: lines.get(user) ?? 0 }));
  }

  return {
    async limits(project: string): Promise<ProjectLimits> {
      return describe(await projects.folder(project));
    },

    async setLimits(projectName: string, changes: LimitChanges): Promise<ProjectLimits> {
      const project = await projects.folder(projectName);
      await limits.change(project.id, changes);
      const described = describe(project);
      events.publish({ type: 'project.limits-changed', project: project.name, data: described }, project.id);
      return described;
    },

    async overview(principal: Principal): Promise<Capacity> {
      const { all, pool } = await admission.forJobs();
      const running = jobs();
      const kernels = admission.kernels();
      const taken = sum(running);
      return {
        machine: await admission.machine(),
        jobs: { ...pick(taken), running: running.length },
        kernels: { ...pick(sum(kernels)), count: kernels.length, committed: admission.takenByKernels().memory },
        free: pick(subtract({ ...all, ...pool }, taken)),
        queued: waiting().reduce((count, { queued }) => count + queued, 0),
        projects: (await projects.ofMember(principal)).map((project) => {
          const described = describe(project);
          return { ...described, users: describeUsers(project.id), reached: reachedOf(described) };
        }),
      };
    },
  };
}

/** A limit of 0 is reached by nobody: what it forbids is not there. */
function reachedOf({ limits, use }: ProjectLimits): string[] {
  return limitNames.filter((name) => {
    const limit = limits[name];
    return limit !== null && limit > 0 && (use[name] ?? 0) >= limit;
  });
}

const pick = ({ cores, memory, gpus }: { cores: number; memory: number; gpus: number }) => ({ cores, memory, gpus });
