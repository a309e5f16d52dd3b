/** A Docker Engine of Bine's own, where no service manager runs one: started in the background, known by `engine.json`. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ifThere } from '@bine/client/node/if-there';
import { Problem } from '@bine/shared/problems';
import { startBackground } from '../background.ts';
import { commandOf, endProcess, isRunning, type Mark } from '../processes.ts';
import { findProgram, isReadable, type Run } from '../programs.ts';
import { greetEngine, isEngine, type Engine } from './answer.ts';
import { addressesOf, makeBridge, removeBridge, type Bridge } from './bridge.ts';

export type Daemon = { socket: string; pid: number; data: string; bridge: Bridge | null };

const startDeadline = 60_000;
const stopPatience = 30_000;
/** What the kernel allows for the path of a socket, less its final zero. */
const longestSocket = 107;

const recordOf = (home: string) => join(home, 'engine.json');

/** The engine that was started for this BINE_HOME, running or not. */
export async function readDaemon(home: string): Promise<Daemon | null> {
  const text = await ifThere(readFile(recordOf(home), 'utf8'));
  if (text === null) return null;
  try {
    return JSON.parse(text) as Daemon;
  } catch {
    // It was being written when the machine died, and the engine with it.
    return null;
  }
}

const markOf =
  ({ data }: Daemon): Mark =>
  (words) =>
    words.includes(`--data-root=${data}`);

export function isDaemonRunning(daemon: Daemon): Promise<boolean> {
  return isRunning(daemon.pid, markOf(daemon));
}

function pathsOf(home: string) {
  const folder = join(home, 'engine');
  // Everything below the run folder ends with a reboot, and its sockets need short names.
  const run = `/run/bine-${createHash('sha256').update(home).digest('hex').slice(0, 10)}`;
  const beside = join(folder, 'docker.sock');
  return {
    folder,
    run,
    data: join(folder, 'data'),
    log: join(folder, 'engine.log'),
    socket: beside.length <= longestSocket ? beside : join(run, 'docker.sock'),
  };
}

/** Starts it again after a reboot, too. Needs root. */
export async function startDaemon(home: string, run: Run): Promise<Engine> {
  const program = await findProgram('dockerd', process.env);
  if (!program) throw new Problem('engine-unavailable', 'The program dockerd is missing: run "apt-get install docker.io".');
  const paths = pathsOf(home);
  for (const folder of [paths.folder, paths.run, paths.data]) await mkdir(folder, { recursive: true, mode: 0o711 });
  // What a dead one left behind would be taken for a sign of life.
  for (const stale of [paths.socket, join(paths.run, 'docker.pid')]) await rm(stale, { force: true });
  const bridge = (await someoneElseRuns()) ? await makeBridge(home, run) : null;
  const words = [
    `--data-root=${paths.data}`,
    `--exec-root=${paths.run}`,
    `--pidfile=${join(paths.run, 'docker.pid')}`,
    `--host=unix://${paths.socket}`,
    // Containers on the default bridge, such as those that build the base image, cannot reach each other then.
    '--icc=false',
    // 256 networks: Docker's own pools hold about 30, and each project whose kernels run has one.
    `--default-address-pool=base=${addressesOf(home).pool},size=24`,
    ...(bridge ? [`--bridge=${bridge.name}`] : []),
  ];
  try {
    return await startBackground<Engine>({
      program,
      words,
      env: process.env,
      log: paths.log,
      folder: dirname(paths.socket),
      onStart: (pid) => writeFile(recordOf(home), `${JSON.stringify({ socket: paths.socket, pid, data: paths.data, bridge }, null, 2)}\n`),
      async look() {
        if (!(await isReadable(paths.socket))) return null;
        const engine = await greetEngine(paths.socket, run.signal, startDeadline);
        return isEngine(engine) ? engine : null;
      },
      deadline: startDeadline,
      signal: run.signal,
    });
  } catch (cause) {
    await stopDaemon(home, { signal: AbortSignal.timeout(stopPatience) });
    run.signal.throwIfAborted();
    const tail = (await readFile(paths.log, 'utf8')).trim().split('\n').slice(-5).join('\n  ');
    throw new Problem('engine-unavailable', `Docker Engine did not start; its log is ${paths.log} and ends with:\n  ${tail}`, { cause });
  }
}

/** @returns whether there was one to stop */
export async function stopDaemon(home: string, run: Run): Promise<boolean> {
  const daemon = await readDaemon(home);
  if (!daemon) return false;
  const running = await isDaemonRunning(daemon);
  if (running) await endProcess(daemon.pid, markOf(daemon), stopPatience);
  if (daemon.bridge) await removeBridge(daemon.bridge, run);
  await rm(pathsOf(home).run, { recursive: true, force: true });
  return running;
}

/** Two engines with the same default bridge would give the same addresses twice. */
async function someoneElseRuns(): Promise<boolean> {
  if (!(await isReadable('/sys/class/net/docker0'))) return false;
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const commands = await Promise.all(ids.map((id) => commandOf(Number(id))));
  return commands.some((words) => words?.[0]?.endsWith('dockerd'));
}
