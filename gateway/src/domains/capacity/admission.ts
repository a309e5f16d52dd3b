/**
 * Kernels and jobs share one view of what the machine has. An execution takes its limits for as long as it runs. A kernel takes its
 * GPUs and a part of its memory limit, or what it uses where that is more: most kernels wait for a person and need little. Its cores
 * are shared. Against the limits of its project, a kernel counts in full.
 */
import { Problem } from '@bine/shared/problems';
import type { Capacity } from '../../ports/compute.ts';
import { add, say, subtract, sum } from './amounts.ts';
import type { Amount } from './amounts.ts';
import { refuseBeyondLimits, refuseReached } from './limits.ts';
import type { LimitsStore, ProjectRef } from './limits.ts';

/** `memory` is its limit, `used` what it takes of it, both in MiB. */
export type KernelUse = Amount & { id: string; projectId: string; user: string; used: number; gpuIds: string[] };
export type JobUse = Amount & { projectId: string; user: string; gpuIds: string[] };

export type AdmissionParts = {
  machine: () => Promise<Capacity>;
  /** Of executions, what they may take of the machine's cores and memory, from 0 to 1. */
  jobShare: number;
  /** How often a MiB is promised to kernels. */
  overcommit: number;
  limits: Pick<LimitsStore, 'of'>;
  kernels: () => KernelUse[];
  jobs: () => JobUse[];
  /** What is held for an execution that has waited for long. */
  held: () => Amount;
};

export type Admission = ReturnType<typeof createAdmission>;

export function createAdmission(parts: AdmissionParts) {
  const { machine, jobShare, overcommit, limits, kernels, jobs, held } = parts;
  /** MiB that the machine sets aside for it. */
  const committed = ({ memory, used }: Pick<KernelUse, 'memory' | 'used'>) => Math.max(Math.ceil(memory / overcommit), used);
  const takenByKernels = (): Amount => sum(kernels().map((kernel) => ({ cores: 0, memory: committed(kernel), gpus: kernel.gpus })));
  const kernelsOf = (projectId: string) => kernels().filter((kernel) => kernel.projectId === projectId);

  return {
    machine,
    limitsOf: limits.of,
    takenByKernels,
    kernels,
    /** What executions may take together, beside what kernels take. */
    async forJobs(): Promise<{ all: Capacity; pool: Amount }> {
      const all = await machine();
      const pool = { cores: all.cores * jobShare, memory: Math.floor(all.memory * jobShare), gpus: all.gpus };
      const beside = subtract(all, takenByKernels());
      return {
        all: { ...all, ...pool },
        pool: { cores: pool.cores, memory: Math.min(pool.memory, beside.memory), gpus: Math.min(pool.gpus, beside.gpus) },
      };
    },
    ofProject(projectId: string): Amount & { kernels: number } {
      const mine = kernelsOf(projectId);
      return { ...sum(mine), kernels: mine.length };
    },
    gpusTaken: (except?: string): string[] => [
      ...kernels()
        .filter(({ id }) => id !== except)
        .flatMap(({ gpuIds }) => gpuIds),
      ...jobs().flatMap(({ gpuIds }) => gpuIds),
    ],

    /** @throws Problem `invalid` for what the project's limits can never allow */
    refuseImpossible: (project: ProjectRef, wanted: Amount, who: string): void =>
      refuseBeyondLimits(project, limits.of(project.id), wanted, who),

    /**
     * Nothing is awaited in here, so that of two kernels at once the second one knows of the first.
     * @param except a kernel that ends for this one
     * @throws Problem `limit-reached` where the project has no room, `no-capacity` where the machine has none
     */
    refuseKernel(project: ProjectRef, wanted: Amount, { all, except }: { all: Capacity; except?: string | undefined }): void {
      const others = kernels().filter(({ id }) => id !== except);
      const mine = others.filter(({ projectId }) => projectId === project.id);
      const used = add(sum(mine), sum(jobs().filter(({ projectId }) => projectId === project.id)));
      refuseReached(project, limits.of(project.id), { used: { ...used, kernels: mine.length }, wanted: { ...wanted, kernels: 1 } });
      const forKernels = others.reduce((memory, kernel) => memory + committed(kernel), 0);
      const forJobs = sum(jobs()).memory;
      const forHeld = Math.min(held().memory, Math.max(0, all.memory - forKernels - forJobs));
      const needed = committed({ memory: wanted.memory, used: 0 });
      if (forKernels + forJobs + forHeld + needed <= all.memory) return;
      const takers = describeTakers(project, { others, jobs: jobs(), committed, held: forHeld });
      throw new Problem(
        'no-capacity',
        `A kernel with ${say(wanted.memory, 'memory')} needs ${needed} MiB set aside, and ` +
          `${Math.max(0, all.memory - forKernels - forJobs - forHeld)} of ${all.memory} MiB are left: ${takers}. ` +
          'Shut down a kernel, give this one less memory, or try again later.',
        { retryAfter: 60 },
      );
    },
  };
}

type Takers = { others: KernelUse[]; jobs: JobUse[]; committed: (kernel: KernelUse) => number; held: number };

/** Projects that the caller may not know are not named. */
function describeTakers(project: ProjectRef, { others, jobs, committed, held }: Takers): string {
  const isMine = ({ projectId }: { projectId: string }) => projectId === project.id;
  const isTheirs = ({ projectId }: { projectId: string }) => projectId !== project.id;
  const kernels = (who: string, some: KernelUse[]) =>
    some.length === 0
      ? []
      : [`${some.reduce((memory, kernel) => memory + committed(kernel), 0)} by ${say(some.length, 'kernels')} of ${who}`];
  const executions = (who: string, some: JobUse[]) =>
    some.length === 0 ? [] : [`${sum(some).memory} by ${say(some.length, 'running')} of ${who}`];
  const mine = `the project "${project.name}"`;
  return [
    ...kernels(mine, others.filter(isMine)),
    ...executions(mine, jobs.filter(isMine)),
    ...kernels('other projects', others.filter(isTheirs)),
    ...executions('other projects', jobs.filter(isTheirs)),
    ...(held > 0 ? [`${held} are held for an execution that waits`] : []),
  ].join(', ');
}
