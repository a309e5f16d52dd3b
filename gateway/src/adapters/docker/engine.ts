/** Sends operations to the container engine and turns its failures into problems. The sole importer of dockerode. */
import { Agent } from 'node:http';
import type { Duplex } from 'node:stream';
import { Problem } from '@bine/shared/problems';
import Dockerode from 'dockerode';
import type { Operation, StreamOperation } from './operation.ts';

export type Engine = {
  /** The socket's path, for messages. */
  socket: string;
  call<T>(operation: Operation<T>, signal?: AbortSignal): Promise<T>;
  stream(operation: StreamOperation, signal: AbortSignal): Promise<NodeJS.ReadableStream>;
  /** A `hijack` operation. The signal is for its beginning alone; whoever asked closes it. */
  converse(operation: StreamOperation, signal: AbortSignal): Promise<Duplex>;
};

const defaultSocket = '/var/run/docker.sock';
const defaultDeadline = 30_000;
/** At a time; the engine gets slower with each one more, until all of them are too late. Those that wait for something don't count. */
const mostShortCalls = 16;
const unreachable = new Set(['ENOENT', 'ECONNREFUSED', 'EACCES', 'EPERM', 'ECONNRESET', 'EPIPE', 'ENOTSOCK']);

/** @param host as in DOCKER_HOST; null: the engine's default socket */
export function createEngine(host: string | null): Engine {
  const socket = readSocket(host);
  // A connection costs nothing on a socket, and one kept alive breaks in the next call when the engine restarts.
  const modemOf = (maxSockets: number) => {
    const options = { socketPath: socket, agent: new Agent({ keepAlive: false, maxSockets }) };
    return new Dockerode(options).modem;
  };
  const short = modemOf(mostShortCalls);
  const long = modemOf(Infinity);

  function send(operation: StreamOperation & { deadline?: number }, stream: boolean, signal: AbortSignal): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const modem = stream || (operation.deadline ?? 0) > defaultDeadline ? long : short;
    modem.dial(
      {
        path: `${operation.path}?`,
        method: operation.method,
        options: { _query: operation.query ?? {}, _body: operation.body ?? {} },
        statusCodes: { 200: true, 201: true, 202: true, 204: true },
        abortSignal: signal,
        isStream: stream,
        ...(operation.hijack && { hijack: true }),
        ...(operation.upload && { file: operation.upload }),
      },
      (error: unknown, answer: unknown) => (error ? reject(error) : resolve(answer)),
    );
    return promise;
  }

  return {
    socket,
    async call(operation, signal) {
      const deadline = AbortSignal.timeout(operation.deadline ?? defaultDeadline);
      try {
        return operation.parse(await send(operation, false, signal ? AbortSignal.any([signal, deadline]) : deadline));
      } catch (error) {
        const other = operation.otherwise?.[statusOf(error) ?? 0];
        if (other) return other();
        throw asProblem(error, operation.what, { socket, signal, deadline });
      }
    },
    async stream(operation, signal) {
      try {
        const body = (await send(operation, true, signal)) as NodeJS.ReadableStream;
        return body;
      } catch (error) {
        throw asProblem(error, operation.what, { socket, signal });
      }
    },
    async converse(operation, signal) {
      try {
        const connection = (await send({ ...operation, hijack: true }, true, signal)) as Duplex;
        return connection;
      } catch (error) {
        throw asProblem(error, operation.what, { socket, signal });
      }
    },
  };
}

function readSocket(host: string | null): string {
  if (!host) return defaultSocket;
  if (host.startsWith('unix://')) return host.slice('unix://'.length) || defaultSocket;
  throw new Problem(
    'invalid',
    `The container engine must be on this machine: DOCKER_HOST is "${host}", but only unix://… works, since kernels and the gateway share folders.`,
  );
}

function statusOf(error: unknown): number | undefined {
  return (error as { statusCode?: number }).statusCode;
}

type Sent = { socket: string; signal: AbortSignal | undefined; deadline?: AbortSignal };

/** Every failure of the engine as a problem that says what to do. */
function asProblem(error: unknown, what: string, sent: Sent): Problem {
  if (error instanceof Problem) return error;
  const { socket, signal, deadline } = sent;
  if (signal?.aborted) {
    return signal.reason instanceof Problem ? signal.reason : new Problem('cancelled', `Cancelled: ${what}.`, { cause: error });
  }
  if (deadline?.aborted) {
    return new Problem('timeout', `The container engine at ${socket} did not ${what} in time. "bine doctor" checks it.`, { cause: error });
  }
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (unreachable.has(code)) return engineUnavailable(socket, code, error);
  const status = statusOf(error);
  const said = engineMessage(error);
  if (/no space left on device/i.test(said)) {
    return new Problem('no-space', `The container engine could not ${what}: its disk is full. "bine doctor" shows how full.`, {
      cause: error,
    });
  }
  if (/non-overlapping IPv4 address pool|predefined address pools have been fully subnetted/i.test(said)) {
    const room =
      'Remove networks that nobody uses ("docker network prune"), or give the engine more with "default-address-pools" in its daemon.json';
    return new Problem('no-capacity', `The container engine could not ${what}: it has no addresses left for another network. ${room}.`, {
      cause: error,
    });
  }
  const known = status === 404 ? 'not-found' : status === 409 ? 'conflict' : status === 400 ? 'bad-request' : 'internal';
  return new Problem(known, `The container engine could not ${what}: ${said}`, { cause: error });
}

export function engineUnavailable(socket: string, reason: string, cause: unknown): Problem {
  const why = reason === 'EACCES' || reason === 'EPERM' ? 'this user may not use it' : `does not answer (${reason})`;
  return new Problem('engine-unavailable', `The container engine at ${socket} ${why}. "bine doctor" says how to mend it.`, {
    cause,
    retryAfter: 5,
  });
}

function engineMessage(error: unknown): string {
  const { json, message } = error as { json?: { message?: unknown }; message?: string };
  if (typeof json?.message === 'string') return json.message;
  // dockerode puts the status in front of what the engine said.
  return (message ?? String(error)).replace(/^\(HTTP code \d+\) [^-]* - /, '').trim();
}
