/** Commands run in a container that runs, and files put into it. */
import { fields, number, text } from '../operation.ts';
import type { Operation, StreamOperation } from '../operation.ts';

export type ExecSpec = {
  command: string[];
  /** Besides the container's own. */
  environment?: Record<string, string>;
  /** `uid:gid` */
  user: string;
  /** It is spoken to while it runs. */
  stdin?: boolean;
};

/** @returns the exec's id */
export function createExec(id: string, { command, environment = {}, user, stdin = false }: ExecSpec): Operation<string> {
  return {
    what: `run ${command[0]} in the container ${id.slice(0, 12)}`,
    method: 'POST',
    path: `/containers/${id}/exec`,
    body: {
      Cmd: command,
      Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
      User: user,
      WorkingDir: '/',
      AttachStdin: stdin,
      AttachStdout: true,
      AttachStderr: true,
    },
    parse: (answer) => text(fields(answer).Id),
  };
}

/** stdout and stderr, framed, until it ends. With `hijack` what is written to the stream is its stdin. */
export function startExec(exec: string, hijack = false): StreamOperation {
  const path = `/exec/${exec}/start`;
  return { what: 'run a command in a container', method: 'POST', path, body: { Detach: false, Tty: false }, hijack };
}

export function execExitCode(exec: string): Operation<number> {
  return {
    what: 'ask how a command in a container ended',
    method: 'GET',
    path: `/exec/${exec}/json`,
    // A command that was killed with its container has no code.
    parse: (answer) => number(fields(answer).ExitCode ?? 137),
  };
}

export function getArchive(id: string, path: string): StreamOperation {
  return { what: `read files of the container ${id.slice(0, 12)}`, method: 'GET', path: `/containers/${id}/archive`, query: { path } };
}

export function putArchive(id: string, path: string, upload: NodeJS.ReadableStream): Operation<void> {
  return {
    what: `put files into the container ${id.slice(0, 12)}`,
    method: 'PUT',
    path: `/containers/${id}/archive`,
    query: { path },
    upload,
    deadline: 10 * 60_000,
    parse: () => undefined,
  };
}
