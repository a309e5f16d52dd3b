/** Which kernels run, and what is told and remembered of each. */
import type { Kernel } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { KernelRecord, KernelRows } from '../../ports/state/kernels.ts';
import { createSaver } from '../../lib/saver.ts';
import type { Events } from '../events/events.ts';
import type { ProjectFolder } from '../projects/projects.ts';
import type { Snapshot } from './announcer.ts';
import { createRunningKernel } from './running-kernel.ts';
import type { RunningInput, RunningKernel, RunningParts } from './running-kernel.ts';

/** What kernels need to know of projects. */
export type KernelProjects = {
  /** @throws Problem `not-found` */
  folder(name: string): Promise<Omit<ProjectFolder, 'bin'>>;
  /** null: it is in the bin, or gone. */
  byId(id: string): Promise<Omit<ProjectFolder, 'bin'> | null>;
};

export type RegistryParts = {
  rows: KernelRows;
  events: Pick<Events, 'publish'>;
  projects: KernelProjects;
  running: RunningParts;
  onError: (error: unknown) => void;
};

export type Registry = ReturnType<typeof createRegistry>;

export function createRegistry({ rows, events, projects, running: runningParts, onError }: RegistryParts) {
  const running = new Map<string, RunningKernel>();
  const saver = createSaver<KernelRecord>({ write: rows.save, keyOf: ({ id }) => id, onError });

  function remember({ memoryUsed: _memory, cpuUsed: _cpu, ...record }: Snapshot): void {
    void saver.save(record);
  }

  function tell(snapshot: Snapshot, project: string): void {
    remember(snapshot);
    events.publish({ type: 'kernel.changed', project, data: toKernel(snapshot, project) }, snapshot.projectId);
  }

  /** Of one that has ended, too, while the database cannot take its end. */
  const latest = (id: string): Snapshot | KernelRecord | undefined => running.get(id)?.snapshot() ?? saver.unwritten(id);

  const ofProject = (projectId: string) => [...running.values()].filter((kernel) => kernel.snapshot().projectId === projectId);

  return {
    tell,
    ofProject,
    /** Takes a kernel up: from now on it is in memory, until it ends. */
    run(input: Omit<RunningInput, 'onChange' | 'onEnd'>): RunningKernel {
      const kernel = createRunningKernel(runningParts, {
        ...input,
        onChange: (snapshot) => tell(snapshot, input.project.name),
        onEnd: () => running.delete(input.record.id),
      });
      running.set(kernel.id, kernel);
      return kernel;
    },
    get: (id: string) => running.get(id) ?? null,
    all: () => [...running.values()],

    /** Running or not. @throws Problem `not-found` */
    async find(projectName: string, id: string) {
      const project = await projects.folder(projectName);
      const kernel = running.get(id) ?? null;
      const record = latest(id) ?? (await rows.get(id));
      if (record?.projectId === project.id) return { project, kernel, record: { memoryUsed: null, cpuUsed: null, ...record } };
      throw new Problem('not-found', `There is no kernel "${id}" in the project "${projectName}".`);
    },

    /** Newest first. */
    async list(projectName: string, { ended }: { ended: boolean }): Promise<Kernel[]> {
      const { id } = await projects.folder(projectName);
      const known = new Map<string, Snapshot>();
      for (const record of await rows.ofProject(id, { ended })) {
        const now = latest(record.id) ?? record;
        if (ended || now.state !== 'stopped') known.set(record.id, withoutUse(now));
      }
      for (const kernel of ofProject(id)) known.set(kernel.id, kernel.snapshot());
      return [...known.values()]
        .sort((one, other) => other.started.localeCompare(one.started))
        .map((snapshot) => toKernel(snapshot, projectName));
    },

    /** Resolves when all that was told is remembered too. */
    saved: saver.saved,

    /** Lets go of all; they run on. */
    async detach(): Promise<void> {
      await Promise.all([...running.values()].map((kernel) => kernel.detach()));
      for (const kernel of running.values()) remember(kernel.snapshot());
      await saver.saved();
      saver.close();
    },
  };
}

export function toKernel(snapshot: Snapshot, project: string): Kernel {
  const { projectId: _project, parts: _parts, ...rest } = snapshot;
  return { ...rest, secrets: [...rest.secrets], project };
}

/** As it is told of a kernel that does not run. */
export function withoutUse(record: KernelRecord): Snapshot {
  return { ...record, memoryUsed: null, cpuUsed: null };
}
