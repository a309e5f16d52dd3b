/**
 * One kernel from its launch to its end. What happens to it by itself happens in `live`: the container comes up, the supervisor is
 * connected, lost and found again, until the container is gone. Everything else is done to it through the supervisor.
 */
import type { KernelRecord } from '../../ports/state/kernels.ts';
import type { Supervisor, Supervisors, SupervisorState } from '../../ports/kernel-agent.ts';
import { untilAborted } from '../../lib/until-aborted.ts';
import { createAnnouncer } from './announcer.ts';
import type { Snapshot } from './announcer.ts';
import { causeOfKernelEnd, supervisorFault } from './cause.ts';
import { ContainerEnded, connectOrEnd, inspectWhenUp } from './connection.ts';
import { createDoor } from './door.ts';
import type { Door } from './door.ts';
import type { ProjectFolder } from '../projects/projects.ts';
import { launchContainer } from './launch.ts';
import type { LaunchParts } from './launch.ts';
import type { ProjectNetworks } from './networks.ts';

export type RunningParts = LaunchParts & {
  networks: ProjectNetworks;
  connect: Supervisors['connect'];
  onError: (error: unknown) => void;
};

export type RunningInput = {
  record: KernelRecord;
  gpus: string[];
  project: Omit<ProjectFolder, 'bin'>;
  /** A container that is running already. Without it, one is started, once `after` is over. */
  container?: string;
  after?: Promise<unknown>;
  onChange: (snapshot: Snapshot) => void;
  /** It has no container any more. */
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
  /** Its container's id; null while it has none. */
  container(): string | null;
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

const startMilliseconds = 60_000;
const reconnectMilliseconds = 20_000;
const shutdownMilliseconds = 10_000;

export function createRunningKernel(parts: RunningParts, input: RunningInput): RunningKernel {
  const { id } = input.record;
  const life = new AbortController();
  const door = createDoor();
  const status = createStatus(input);
  const body = createBody(parts, input, { status, signal: life.signal });
  const finish = (as: End) => finishAs(as, { ...input, life, body, status, door });
  let ended: Promise<void> | null = null;

  async function live(): Promise<void> {
    try {
      const container = await body.bringUp();
      const attempt = { ...parts, container, directory: parts.folders.pathOf(id), signal: life.signal };
      for (let milliseconds = startMilliseconds; !life.signal.aborted; milliseconds = reconnectMilliseconds) {
        await follow(await connectOrEnd({ ...attempt, milliseconds }));
      }
    } catch (error) {
      if (!life.signal.aborted && !ended) await finish({ state: 'dead', cause: await body.causeOf(error) });
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
    // Whatever the supervisor does not manage to do in order, removing the container does.
    await door
      .connected()
      ?.shutdown(AbortSignal.timeout(shutdownMilliseconds))
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
    container: body.container,
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
      const container = body.container();
      if (why !== null && container !== null) void parts.docker.warnOfQuota(container).catch(parts.onError);
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

type Rest = Pick<RunningInput, 'onEnd'> & { life: AbortController; body: Body; status: Status; door: Door };

async function finishAs({ state, cause }: End, { onEnd, life, body, status, door }: Rest): Promise<void> {
  life.abort();
  try {
    await body.remove();
  } finally {
    status.change({ state, cause, memoryUsed: null, cpuUsed: null });
    status.flush();
    door.close(`The kernel ended: ${cause ?? state}`);
    onEnd();
  }
  await body.leave();
}

type Status = ReturnType<typeof createStatus>;
type Body = ReturnType<typeof createBody>;

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

/** The kernel's container, and its hold on the project's network. */
function createBody(parts: RunningParts, input: RunningInput, { status, signal }: { status: Status; signal: AbortSignal }) {
  const { docker, networks } = parts;
  const { projectId, epoch } = input.record;
  let container = input.container ?? null;
  let holdsNetwork = false;

  return {
    container: () => container,
    async bringUp(): Promise<string> {
      await input.after;
      await networks.hold(projectId, signal);
      holdsNetwork = true;
      container ??= await launchContainer(parts, {
        ...input,
        onBuilding: (building) => status.change({ state: building ? 'building' : 'starting' }),
        onSecrets: (isPrivate) => status.change({ private: isPrivate }),
        onRevision: (revision) => status.change({ revision, parts: [] }),
        onCreated: (created) => (container = created),
        signal,
      });
      return container;
    },

    async causeOf(error: unknown): Promise<string> {
      if (!(error instanceof ContainerEnded)) return error instanceof Error ? error.message : String(error);
      const { memory, epoch: reached } = status.now();
      const cause = status.died();
      const found = await inspectWhenUp(docker, container!, signal);
      const why = cause ?? (await causeOfKernelEnd(docker, { container: container!, found, memory, signal }));
      // Where no kernel process came up, what the supervisor complained of says more than its exit code.
      if (!found || found.exitCode === supervisorFault || reached > epoch || input.container) return why;
      const said: string[] = [];
      for await (const line of docker.output(container!, { follow: false, tail: 3, signal })) said.push(line);
      return said.length > 0 ? `${why} It said: ${said.join(' ')}` : why;
    },

    async remove(): Promise<void> {
      if (container) await docker.remove(container);
      await parts.secrets.takeBack(input.record.id);
    },

    async leave(): Promise<void> {
      if (holdsNetwork) networks.release(projectId);
      holdsNetwork = false;
    },
  };
}
