/**
 * One kernel from its launch to its end. What happens to it by itself happens in `live`: the container comes up, the supervisor is
 * connected, lost and found again, until the container is gone. Everything else is done to it through the supervisor.
 */
import { Problem } from '@bine/shared/problems';
import type { KernelRecord } from '../../adapters/store/kernels.ts';
import type { Supervisor, SupervisorState } from '../../adapters/supervisor/types.ts';
import { untilAborted } from '../../lib/until-aborted.ts';
import { createAnnouncer } from './announcer.ts';
import type { Snapshot } from './announcer.ts';
import { causeOfEnd } from './cause.ts';
import { ContainerEnded, connectOrEnd, inspectWhenUp } from './connection.ts';
import type { ConnectSupervisor } from './connection.ts';
import { launchContainer } from './launch.ts';
import type { LaunchParts } from './launch.ts';
import type { ProjectNetworks } from './networks.ts';

export type RunningParts = LaunchParts & {
  networks: ProjectNetworks;
  connect: ConnectSupervisor;
  onError: (error: unknown) => void;
};

export type RunningInput = {
  record: KernelRecord;
  gpus: string[];
  project: { name: string; files: string };
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
  rename(notebook: string): void;
  /** Shuts it down, in whatever state it is. Its log stays. */
  end(as: End): Promise<void>;
  /** Lets go of it; it runs on. */
  detach(): Promise<void>;
};

const startMilliseconds = 60_000;
const reconnectMilliseconds = 20_000;
const shutdownMilliseconds = 10_000;

export function createRunningKernel(parts: RunningParts, input: RunningInput): RunningKernel {
  const { docker, networks } = parts;
  const { id, projectId } = input.record;
  const announcer = createAnnouncer(input.onChange);
  const life = new AbortController();
  const { signal } = life;
  let snapshot: Snapshot = { ...input.record, memoryUsed: null, cpuUsed: null };
  let container = input.container ?? null;
  let connection = newConnection();
  let supervisor: Supervisor | null = null;
  let holdsNetwork = false;
  let ended: Promise<void> | null = null;

  function change(changes: Partial<Snapshot>): void {
    snapshot = { ...snapshot, ...changes };
    announcer.note(snapshot);
  }

  function mirror({ lastActivity, oldest: _oldest, ...state }: SupervisorState): void {
    const { epoch, head } = state;
    // A kernel that is being shut down says how it died: it did not die, it was shut down.
    change(ended ? { epoch, head } : { ...state, lastActivity: new Date(lastActivity).toISOString() });
  }

  async function live(): Promise<void> {
    try {
      await input.after;
      await networks.hold(projectId, signal);
      holdsNetwork = true;
      container ??= await launchContainer(parts, {
        ...input,
        onBuilding: (building) => change({ state: building ? 'building' : 'starting' }),
        onCreated: (created) => (container = created),
        signal,
      });
      const attempt = { docker, connect: parts.connect, container, directory: parts.folders.pathOf(id), signal };
      for (let milliseconds = startMilliseconds; !signal.aborted; milliseconds = reconnectMilliseconds) {
        await follow(await connectOrEnd({ ...attempt, milliseconds }));
      }
    } catch (error) {
      if (!signal.aborted && !ended) await finish({ state: 'dead', cause: await causeOf(error) });
    }
  }

  /** While the connection lasts. */
  async function follow(connected: Supervisor): Promise<void> {
    await using _connection = connected;
    using _listener = connected.onChange(mirror);
    supervisor = connected;
    mirror(connected.state());
    connection.resolve(connected);
    try {
      await untilAborted(connected.closed, signal);
    } finally {
      supervisor = null;
      connection = newConnection();
    }
  }

  async function causeOf(error: unknown): Promise<string> {
    if (!(error instanceof ContainerEnded)) return error instanceof Error ? error.message : String(error);
    const state = await inspectWhenUp(docker, container!, signal);
    const cause = snapshot.cause ?? causeOfEnd(state, snapshot.memory);
    // Where no kernel process came up, what the supervisor complained of says more than its exit code.
    if (!state || snapshot.epoch > input.record.epoch || input.container) return cause;
    const said: string[] = [];
    for await (const line of docker.output(container!, { follow: false, tail: 3, signal })) said.push(line);
    return said.length > 0 ? `${cause} It said: ${said.join(' ')}` : cause;
  }

  async function finish({ state, cause }: End): Promise<void> {
    life.abort();
    try {
      if (container) await docker.remove(container);
    } finally {
      change({ state, cause, memoryUsed: null, cpuUsed: null });
      announcer.flush();
      connection.reject(new Problem('conflict', `The kernel ended: ${cause ?? state}`));
      input.onEnd();
    }
    if (holdsNetwork) await networks.release(projectId);
    holdsNetwork = false;
  }

  async function shutDown(as: End): Promise<void> {
    // Whatever the supervisor does not manage to do in order, removing the container does.
    await supervisor?.shutdown(AbortSignal.timeout(shutdownMilliseconds)).catch(() => undefined);
    life.abort();
    await living;
    await finish(as);
  }

  announcer.note(snapshot);
  const living = live().catch(parts.onError);
  return {
    id,
    project: input.project,
    gpus: input.gpus,
    snapshot: () => snapshot,
    ending: () => ended !== null,
    supervisor: (signal) => untilAborted(connection.promise, signal),
    connected: () => supervisor,
    rename: (notebook) => change({ notebook }),
    end: (as) => (ended ??= shutDown(as)),
    async detach() {
      life.abort();
      await living;
      announcer.flush();
    },
  };
}

function newConnection(): PromiseWithResolvers<Supervisor> {
  const connection = Promise.withResolvers<Supervisor>();
  // Nobody may be waiting for it when the kernel ends.
  connection.promise.catch(() => undefined);
  return connection;
}
