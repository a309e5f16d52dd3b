/** Which executions wait or run, and what is told and remembered of each. */
import type { JobExecution } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { ExecutionRecord } from '../../ports/state/executions.ts';
import { createSaver } from '../../lib/saver.ts';
import type { Amount } from '../capacity/amounts.ts';
import type { ProjectFolder } from '../projects/projects.ts';
import { createLiveExecution } from './live-execution.ts';
import type { LiveExecution, LiveParts } from './live-execution.ts';
import { isOver, toExecution } from './parts.ts';
import type { Common } from './parts.ts';
import type { Queue } from './queue.ts';

export type RegistryParts = Common & { live: LiveParts; queue: Queue; onEnded: (record: ExecutionRecord) => void };

export type Registry = ReturnType<typeof createRegistry>;

export function createRegistry({ rows, events, projects, live: liveParts, queue, onEnded, onError }: RegistryParts) {
  const live = new Map<string, LiveExecution>();
  const saver = createSaver<ExecutionRecord>({ write: rows.executions.save, keyOf: ({ id }) => id, onError });

  function tell(record: ExecutionRecord, project: string): Promise<void> {
    events.publish({ type: 'execution.changed', project, data: toExecution(record, project) }, record.projectId);
    return saver.save(record);
  }

  function take(record: ExecutionRecord, project: ProjectFolder): LiveExecution {
    const execution = createLiveExecution(liveParts, {
      record,
      project,
      onChange: (changed) => tell(changed, project.name),
      onEnd: () => {
        live.delete(record.id);
        queue.release(record.id);
        onEnded(execution.record());
      },
    });
    live.set(record.id, execution);
    return execution;
  }

  /** Of one that is over, too, while the database cannot take its end. */
  const latest = (id: string): ExecutionRecord | undefined => live.get(id)?.record() ?? saver.unwritten(id);

  const registry = {
    tell,
    get: (id: string): LiveExecution | null => live.get(id) ?? null,
    count: () => live.size,
    all: () => [...live.values()],
    ofProject: (projectId: string) => [...live.values()].filter((one) => one.record().projectId === projectId),
    ofJob: (projectId: string, job: string) => registry.ofProject(projectId).filter((one) => one.record().job === job),

    /** One that waits for its turn. */
    enqueue(record: ExecutionRecord, project: ProjectFolder, { again = false }: { again?: boolean } = {}): void {
      const execution = take(record, project);
      const { id, user, submitted } = record;
      const item = { id, user, project, wanted: amountOf(record), submitted: Date.parse(submitted) };
      queue.add({ ...item, start: execution.start, onWait: execution.wait }, { again });
    },

    /** One that had its turn before this gateway started. */
    adopt(record: ExecutionRecord, project: ProjectFolder, gpus: string[]): void {
      const since = record.started === null ? Date.now() : Date.parse(record.started);
      queue.hold({ id: record.id, project, user: record.user, wanted: amountOf(record), gpus, since });
      take(record, project).start(gpus);
    },

    async stop(execution: LiveExecution, cause: string): Promise<void> {
      await execution.stop(cause, queue.leave(execution.id));
    },

    /** Live or over. @throws Problem `not-found` */
    async find(projectName: string, id: string): Promise<{ project: ProjectFolder; record: ExecutionRecord; live: LiveExecution | null }> {
      const project = await projects.folder(projectName);
      const found = live.get(id) ?? null;
      const record = latest(id) ?? (await rows.executions.get(id));
      if (record?.projectId === project.id) return { project, record, live: found };
      throw new Problem(
        'not-found',
        `There is no execution "${id}" in the project "${projectName}". It may have been forgotten for newer ones.`,
      );
    },

    /** As it is at this moment, which the database may not know yet. */
    current(record: ExecutionRecord): ExecutionRecord {
      const now = latest(record.id) ?? record;
      const cause = now.state === 'queued' ? queue.causeOf(now.id) : null;
      return cause === null ? now : { ...now, cause };
    },

    /** Lets go of all; they run on. */
    async detach(): Promise<void> {
      await Promise.all([...live.values()].map((execution) => execution.detach()));
      await saver.saved();
      saver.close();
    },
    saved: saver.saved,
  };
  return registry;
}

function amountOf({ inputs }: ExecutionRecord): Amount {
  const { cores, memory, gpus } = inputs.compute;
  return { cores, memory, gpus };
}

/** What a client is told. */
export function describe(registry: Registry, record: ExecutionRecord, project: string): JobExecution {
  return toExecution(registry.current(record), project);
}

export function refuseWhileRunning(registry: Registry, projectId: string, job: string): void {
  const running = registry.ofJob(projectId, job).filter((one) => !isOver(one.record()));
  if (running.length === 0) return;
  const which = running.map((one) => `#${one.record().number}`).join(', ');
  throw new Problem('conflict', `The job "${job}" has executions that wait or run (${which}). Stop them first, or wait.`);
}
