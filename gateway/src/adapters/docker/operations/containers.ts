/** Containers: what is sent for each call and how its answer is read. */
import { fields, labelFilter, labels, list, number, text } from '../operation.ts';
import type { Operation, StreamOperation } from '../operation.ts';

/** A volume without a source is the container's own and goes with it. */
export type Mount = { source?: string; target: string; readOnly?: boolean; volume?: boolean };

export type Limits = {
  /** Bytes. Swap is not given on top. */
  memory: number;
  cores: number;
  processes: number;
  /** Bytes of /dev/shm; counted within `memory`. */
  sharedMemory: number;
};

export type ContainerSpec = {
  name: string;
  image: string;
  command: string[];
  labels: Record<string, string>;
  environment?: Record<string, string>;
  /** `uid:gid` */
  user?: string;
  workingDirectory?: string;
  mounts?: Mount[];
  network?: string;
  limits?: Limits;
  /** Device ids, as the engine's GPU runtime counts them. */
  gpus?: string[];
  /**
   * With the engine's usual capabilities. Unless it is asked for, a container has none, gains none, and keeps a short log: only where
   * nothing but our own programs run may it be asked for.
   */
  unconfined?: true;
};

export type ContainerState = {
  /** Id of the image that it was made of. */
  image: string;
  running: boolean;
  /** It runs, or did. */
  begun: boolean;
  exitCode: number;
  outOfMemory: boolean;
  /** What the engine says went wrong when it started the container. */
  error: string;
};

export type ContainerSummary = { id: string; name: string; labels: Record<string, string>; running: boolean };

export function createContainer(spec: ContainerSpec): Operation<string> {
  return {
    what: `create the container ${spec.name}`,
    method: 'POST',
    path: '/containers/create',
    query: { name: spec.name },
    body: {
      Image: spec.image,
      Cmd: spec.command,
      Labels: spec.labels,
      Env: Object.entries(spec.environment ?? {}).map(([name, value]) => `${name}=${value}`),
      ...(spec.user && { User: spec.user }),
      ...(spec.workingDirectory && { WorkingDir: spec.workingDirectory }),
      HostConfig: hostConfig(spec),
    },
    deadline: 60_000,
    parse: (answer) => text(fields(answer).Id),
  };
}

function hostConfig({ mounts = [], network, limits, gpus = [], unconfined }: ContainerSpec): Record<string, unknown> {
  return {
    Mounts: mounts.map(({ source, target, readOnly = false, volume }) => ({
      Type: volume ? 'volume' : 'bind',
      Source: source,
      Target: target,
      ReadOnly: readOnly,
    })),
    ...(network && { NetworkMode: network }),
    ...(limits && {
      Memory: limits.memory,
      MemorySwap: limits.memory,
      NanoCpus: Math.round(limits.cores * 1e9),
      PidsLimit: limits.processes,
      ShmSize: limits.sharedMemory,
    }),
    ...(gpus.length > 0 && { DeviceRequests: [{ Driver: 'nvidia', DeviceIDs: gpus, Capabilities: [['gpu']] }] }),
    ...(!unconfined && {
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      LogConfig: { Type: 'json-file', Config: { 'max-size': '1m', 'max-file': '1' } },
    }),
  };
}

export function startContainer(id: string): Operation<void> {
  return {
    what: `start the container ${id.slice(0, 12)}`,
    method: 'POST',
    path: `/containers/${id}/start`,
    deadline: 60_000,
    otherwise: { 304: () => undefined },
    parse: () => undefined,
  };
}

/** It may be gone or have ended already. */
export function killContainer(id: string, signal: 'SIGKILL' | 'SIGTERM' | 'SIGUSR1' = 'SIGKILL'): Operation<void> {
  return {
    what: `send ${signal} to the container ${id.slice(0, 12)}`,
    method: 'POST',
    path: `/containers/${id}/kill`,
    query: { signal },
    otherwise: { 404: () => undefined, 409: () => undefined },
    parse: () => undefined,
  };
}

/** With its anonymous volumes, running or not. A removal under way (409) is as good. */
export function removeContainer(id: string): Operation<void> {
  return {
    what: `remove the container ${id.slice(0, 12)}`,
    method: 'DELETE',
    path: `/containers/${id}`,
    query: { force: true, v: true },
    deadline: 60_000,
    otherwise: { 404: () => undefined, 409: () => undefined },
    parse: () => undefined,
  };
}

/** null: there is no such container. */
export function inspectContainer(id: string): Operation<ContainerState | null> {
  return {
    what: `inspect the container ${id.slice(0, 12)}`,
    method: 'GET',
    path: `/containers/${id}/json`,
    otherwise: { 404: () => null },
    parse: (answer) => {
      const state = fields(fields(answer).State);
      return {
        image: text(fields(answer).Image),
        running: state.Running === true,
        begun: state.Status !== 'created',
        exitCode: number(state.ExitCode),
        outOfMemory: state.OOMKilled === true,
        error: text(state.Error),
      };
    },
  };
}

/** Running and ended ones that carry all the labels. */
export function listContainers(wanted: Record<string, string>): Operation<ContainerSummary[]> {
  return {
    what: 'list the containers',
    method: 'GET',
    path: '/containers/json',
    query: { all: true, filters: labelFilter(wanted) },
    parse: (answer) =>
      list(answer).map((entry) => {
        const container = fields(entry);
        return {
          id: text(container.Id),
          // As `/name`; others are aliases in another container's links.
          name: text(list(container.Names)[0]).slice(1),
          labels: labels(container.Labels),
          running: container.State === 'running',
        };
      }),
  };
}

/** Bytes in the writable layers of the containers that carry all the labels. The engine measures them for each call. */
export function measureContainers(wanted: Record<string, string>): Operation<number> {
  return {
    what: 'measure the containers',
    method: 'GET',
    path: '/containers/json',
    query: { all: true, size: true, filters: labelFilter(wanted) },
    deadline: 10 * 60_000,
    // The engine leaves a size of 0 out.
    parse: (answer) => list(answer).reduce<number>((sum, entry) => sum + number(fields(entry).SizeRw ?? 0), 0),
  };
}

/** Its exit code, once it has ended. The caller's signal is the deadline. */
export function waitForContainer(id: string): Operation<number> {
  return {
    what: `wait for the container ${id.slice(0, 12)}`,
    method: 'POST',
    path: `/containers/${id}/wait`,
    deadline: 24 * 3_600_000,
    parse: (answer) => number(fields(answer).StatusCode),
  };
}

/** stdout and stderr from the first line (or the last `tail`), then live if `follow`. */
export function containerOutput(id: string, { follow, tail }: { follow: boolean; tail?: number }): StreamOperation {
  return {
    what: `read the output of the container ${id.slice(0, 12)}`,
    method: 'GET',
    path: `/containers/${id}/logs`,
    query: { stdout: true, stderr: true, follow, ...(tail !== undefined && { tail }) },
  };
}

export type Commit = { repository: string; tag: string; changes: string[] };

/** @returns the new image's digest */
export function commitContainer(id: string, { repository, tag, changes }: Commit): Operation<string> {
  return {
    what: `keep the container ${id.slice(0, 12)} as the image ${repository}:${tag}`,
    method: 'POST',
    path: '/commit',
    // Whoever keeps a container knows that nothing in it writes any more.
    query: { container: id, repo: repository, tag, changes, pause: false },
    deadline: 10 * 60_000,
    parse: (answer) => text(fields(answer).Id),
  };
}
