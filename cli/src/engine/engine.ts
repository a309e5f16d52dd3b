/** The container engine: one that answers is used; where there is none and we may, Docker Engine is installed and started. */
import { Problem } from '@bine/shared/problems';
import { canInstall, findProgram, hasSystemd, installDebian, runProgram, type Run } from '../programs.ts';
import { greetEngine, isEngine, type Engine } from './answer.ts';
import { isDaemonRunning, readDaemon, startDaemon } from './daemon.ts';

const defaultSocket = '/var/run/docker.sock';

export type Where = { env: Record<string, string | undefined>; home: string; command: string };

/** `own`: Bine started it. */
export type Found = { engine: Engine; own: boolean };

/** The addresses to ask, the user's own choice first. */
async function candidates({ env, home }: Where): Promise<{ socket: string; own: boolean }[]> {
  if (env.DOCKER_HOST) return [{ socket: socketOf(env.DOCKER_HOST), own: false }];
  const daemon = await readDaemon(home);
  return [{ socket: defaultSocket, own: false }, ...(daemon ? [{ socket: daemon.socket, own: true }] : [])];
}

function socketOf(host: string): string {
  if (host.startsWith('unix://')) return host.slice('unix://'.length) || defaultSocket;
  throw new Problem(
    'invalid',
    `DOCKER_HOST is "${host}", but the engine must be on this machine (unix://…): kernels and the gateway share folders.`,
  );
}

/** An engine that answers, or why none does. */
export async function findEngine(where: Where, signal: AbortSignal): Promise<Found | { asked: string; forbidden: boolean }> {
  const all = await candidates(where);
  let forbidden = false;
  for (const { socket, own } of all) {
    const answer = await greetEngine(socket, signal);
    if (isEngine(answer)) return { engine: answer, own };
    forbidden ||= answer.reason === 'forbidden';
  }
  return { asked: all.map(({ socket }) => socket).join(' or '), forbidden };
}

/** What `findEngine` finds, else one that is started, else one that is installed and started. */
export async function ensureEngine(where: Where, run: Run): Promise<Found> {
  const found = await findEngine(where, run.signal);
  if ('engine' in found) return found;
  const { asked, forbidden } = found;
  if (forbidden) {
    throw new Problem(
      'engine-unavailable',
      `You may not use the container engine at ${asked}: run "sudo usermod -aG docker $USER", log in again, and repeat.`,
    );
  }
  if (where.env.DOCKER_HOST) {
    throw new Problem(
      'engine-unavailable',
      `No container engine answers at ${asked}, which DOCKER_HOST names: start it, or unset DOCKER_HOST.`,
    );
  }
  if (!(await canInstall(where.env)))
    throw new Problem('engine-unavailable', `No container engine answers at ${asked}. ${await adviceFor(where)}`);
  await installEngine(where.env, run);
  return startEngine(where, run);
}

async function adviceFor({ env, command }: Where): Promise<string> {
  if (await findProgram('dockerd', env)) return `Start it ("sudo systemctl start docker") and run "${command}" again.`;
  return `Install Docker Engine 20.10 or newer (https://docs.docker.com/engine/install) and run "${command}" again.`;
}

async function installEngine(env: Where['env'], run: Run): Promise<void> {
  const needed = { dockerd: 'docker.io', iptables: 'iptables' };
  const missing = [];
  for (const [program, name] of Object.entries(needed)) if (!(await findProgram(program, env))) missing.push(name);
  if (missing.length === 0) return;
  run.report?.(`installing ${missing.join(' and ')}`);
  await installDebian(missing, run);
}

async function startEngine(where: Where, run: Run): Promise<Found> {
  const daemon = await readDaemon(where.home);
  run.report?.('starting Docker Engine');
  if (!daemon && (await hasSystemd())) {
    await runProgram('systemctl', ['enable', '--now', 'docker'], run);
    const answer = await greetEngine(defaultSocket, run.signal, 30_000);
    if (isEngine(answer)) return { engine: answer, own: false };
    throw new Problem('engine-unavailable', 'Docker Engine was started but does not answer: "systemctl status docker" says why.');
  }
  if (daemon && (await isDaemonRunning(daemon))) {
    const answer = await greetEngine(daemon.socket, run.signal, 30_000);
    if (isEngine(answer)) return { engine: answer, own: true };
  }
  return { engine: await startDaemon(where.home, run), own: true };
}

/** What the base image may have to be made with; an engine that is there already does not bring it. */
export async function ensureDebootstrap(env: Where['env'], run: Run): Promise<void> {
  if (!(await findProgram('debootstrap', env)) && (await canInstall(env))) await installDebian(['debootstrap'], run);
}
