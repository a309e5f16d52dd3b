/**
 * One kernel from its launch to its end. What happens to it by itself happens in `live`: its workload starts, the supervisor is
 * connected, lost and found again, until the workload is over. Everything else is done to it through the supervisor.
 */
import type { KernelRecord } from '../../ports/state/kernels.ts';
import type { Supervisor, Supervisors, SupervisorState } from '../../ports/kernel-agent.ts';
import { untilAborted } from '../../lib/until-aborted.ts';
import { createAnnouncer } from './announcer.ts';
import type { Snapshot } from './announcer.ts';
import type { WorkloadRef } from '../../ports/compute.ts';
import { causeOfKernelEnd, isSupervisorFault } from './cause.ts';
import { WorkloadEnded, connectOrEnd } from './connection.ts';
import { createDoor } from './door.ts';
import type { Door } from './door.ts';
import type { ProjectFolder } from '../projects/projects.ts';
import { launchKernel } from './launch.ts';
import type { LaunchParts } from './launch.ts';

export type RunningParts = LaunchParts & {
  connect: Supervisors['connect'];
  onError: (error: unknown) => void;
};

export type RunningInput = {
  record: KernelRecord;
  gpus: string[];
  project: Omit<ProjectFolder, 'bin'>;
  /** A workload that is running already. Without it, one is started, once `after` is over. */
  workload?: WorkloadRef;
  after?: Promise<unknown>;
  onChange: (snapshot: Snapshot) => void;
  /** It has no workload any more. */
  onEnd: () => void;
};

/** What a kernel that is over is remembered as. */
export type End = { state: 'dead' | 'stopped'; cause: string | null };

export type RunningKernel = {
  id: string;
  project: RunningInput['project'];
  gpus: string[];
  snapshot(): Snapshot;
  /** True once it is being shut down. */
  ending(): boolean;
  /** Waits until it can be talked to. @throws Problem `conflict` if it ends instead */
  supervisor(signal: AbortSignal): Promise<Supervisor>;
  /** null while there is no connection. */
  connected(): Supervisor | null;
  /** null while it has none. */
  workload(): WorkloadRef | null;
  /** It is being given the packages of this revision of its environment, and may have some of them from now on. Told at once. */
  moving(revision: number): void;
  /** It has all of them, and no others. */
  reached(revision: number): void;
  rename(names: { notebook?: string; environment?: string }): void;
  /** Says it with its state, as long as it runs. null: it is over. */
  warn(why: string | null): void;
  /** Its next process gets its secrets as they are now. @throws Problem if one is missing */
  renewSecrets(): Promise<void>;
  /** Shuts it down, in whatever state it is. Its log stays. */
  end(as: End): Promise<void>;
  /** Lets go of it; it runs on. */
  detach(): Promise<void>;
};

const startMs = 60_000;
const reconnectMs = 20_000;
const shutdownMs = 10_000;

export function createRunningKernel(parts: RunningParts, input: RunningInput): RunningKernel {
  const { id } = input.record;
  const life = new AbortController();
  const door = createDoor();
  const status = createStatus(input);
  const handle = createWorkloadHandle(parts, input, { status, signal: life.signal });
  const finish = (as: End) => finishAs(as, { ...input, life, handle, status, door });
  let ended: Promise<void> | null = null;

  async function live(): Promise<void> {
    try {
      const workload = await handle.bringUp();
      const attempt = { ...parts, workload, directory: parts.folders.pathOf(id), signal: life.signal };
      for (let deadlineMs = startMs; !life.signal.aborted; deadlineMs = reconnectMs) {
        await follow(await connectOrEnd({ ...attempt, deadlineMs }));
      }
    } catch (error) {
      if (!life.signal.aborted && !ended) await finish({ state: 'dead', cause: await handle.causeOf(error) });
    }
  }

  /** While the connection lasts. */
  async function follow(supervisor: Supervisor): Promise<void> {
    await using _connection = supervisor;
    // A kernel that is being shut down says how it died: it did not die, it was shut down.
    const mirror = (state: SupervisorState) => status.mirror(state, { only: ended ? 'position' : 'all' });
    using _listener = supervisor.onChange(mirror);
    mirror(supervisor.state());
    door.open(supervisor);
    await untilAborted(supervisor.closed, life.signal).finally(door.lose);
  }

  async function shutDown(as: End): Promise<void> {
    // Whatever the supervisor does not manage to do in order, removing the workload does.
    await door
      .connected()
      ?.shutdown(AbortSignal.timeout(shutdownMs))
      .catch(() => undefined);
    life.abort();
    await living;
    await finish(as);
  }

  const living = live().catch(parts.onError);
  return {
    id,
    project: input.project,
    gpus: input.gpus,
    snapshot: status.now,
    ending: () => ended !== null,
    supervisor: door.wait,
    connected: door.connected,
    workload: handle.workload,
    moving(revision) {
      status.change({ parts: [...status.now().parts, revision] });
      status.flush();
    },
    reached(revision) {
      status.change({ revision, parts: [] });
      status.flush();
    },
    rename: status.change,
    warn(why) {
      status.warn(why);
      status.flush();
      const workload = handle.workload();
      if (why !== null && workload !== null) void parts.compute.warnOfQuota(workload).catch(parts.onError);
    },
    async renewSecrets() {
      const { private: before, ...record } = status.now();
      const given = await parts.secrets.give(id, record, input.project.owner);
      // The process that runs still has what it was given.
      status.change({ private: before || given.private });
    },
    end: (as) => (ended ??= shutDown(as)),
    async detach() {
      life.abort();
      await living;
      status.flush();
    },
  };
}

type FinishContext = Pick<RunningInput, 'onEnd'> & { life: AbortController; handle: WorkloadHandle; status: Status; door: Door };

async function finishAs({ state, cause }: End, { onEnd, life, handle, status, door }: FinishContext): Promise<void> {
  life.abort();
  try {
    await handle.remove();
  } finally {
    status.change({ state, cause, memoryUsed: null, cpuUsed: null });
    status.flush();
    door.close(`The kernel ended: ${cause ?? state}`);
    onEnd();
  }
}

type Status = ReturnType<typeof createStatus>;
type WorkloadHandle = ReturnType<typeof createWorkloadHandle>;

/** What is known of the kernel, told as it changes. */
function createStatus({ record, onChange }: RunningInput) {
  const announcer = createAnnouncer(onChange);
  let snapshot: Snapshot = { ...record, memoryUsed: null, cpuUsed: null };
  let warning: string | null = null;
  function change(changes: Partial<Snapshot>): void {
    snapshot = { ...snapshot, ...changes };
    announcer.note(snapshot);
  }
  change({});
  return {
    now: () => snapshot,
    change,
    flush: announcer.flush,
    /** Why it died, as its supervisor said. */
    died: () => (snapshot.cause === warning ? null : snapshot.cause),
    warn(why: string | null): void {
      if (snapshot.cause === warning) change({ cause: why });
      warning = why;
    },
    mirror({ lastActivity, oldest: _oldest, ...state }: SupervisorState, { only }: { only: 'position' | 'all' }): void {
      const { epoch, head } = state;
      change(
        only === 'position'
          ? { epoch, head }
          : { ...state, cause: state.cause ?? warning, lastActivity: new Date(lastActivity).toISOString() },
      );
    },
  };
}

function createWorkloadHandle(parts: RunningParts, input: RunningInput, { status, signal }: { status: Status; signal: AbortSignal }) {
  const { compute } = parts;
  const { projectId, epoch } = input.record;
  let workload = input.workload ?? null;

  return {
    workload: () => workload,
    async bringUp(): Promise<WorkloadRef> {
      await input.after;
      if (workload !== null) await compute.adopt(workload, projectId, signal);
      workload ??= await launchKernel(parts, {
        ...input,
        onBuilding: (building) => status.change({ state: building ? 'building' : 'starting' }),
        onSecrets: (isPrivate) => status.change({ private: isPrivate }),
        onRevision: (revision) => status.change({ revision, parts: [] }),
        onCreated: (created) => (workload = created),
        signal,
      });
      return workload;
    },

    async causeOf(error: unknown): Promise<string> {
      if (!(error instanceof WorkloadEnded)) return error instanceof Error ? error.message : String(error);
      const { end } = error;
      const { memory, epoch: reached } = status.now();
      const why = status.died() ?? (await causeOfKernelEnd(compute, { workload: workload!, end, memory, signal }));
      // Where no kernel process came up, what the supervisor complained of says more than its exit code.
      if (end.type === 'removed' || isSupervisorFault(end) || reached > epoch || input.workload) return why;
      const said = await compute.lastLines(workload!, 3, signal);
      return said.length > 0 ? `${why} It said: ${said.join(' ')}` : why;
    },

    async remove(): Promise<void> {
      if (workload) await compute.remove(workload);
      await parts.secrets.takeBack(input.record.id);
    },
  };
}
