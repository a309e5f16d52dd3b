/** What stages need besides the packages, installed or started while earlier stages run. */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isDaemonRunning, readDaemon, startDaemon, stopDaemon } from '../engine/daemon.ts';
import { ensureDebootstrap, ensureEngine, findEngine } from '../engine/engine.ts';
import { ensureGit, gitForTests } from '../git.ts';
import { findProgram, installDebian, isReadable, runProgram, type Run } from '../programs.ts';
import { withNode } from '../vscode/node-path.ts';
import type { Need } from './stages.ts';

export type Place = {
  /** The repository. */
  root: string;
  /** The user's own BINE_HOME: an engine that was started there has the images already. */
  home: string;
  env: Record<string, string | undefined>;
  command: string;
  /** What is started for the tests ends with them. */
  stack: AsyncDisposableStack;
};

/** What the stages find in their environment. */
export type Provided = { python: string; socket: string };

type Provision = (place: Place, run: Run) => Promise<Partial<Provided>>;

export const provisions: Record<Need, Provision> = { python: providePython, engine: provideEngine, editor: provideEditor, git: provideGit };

/**
 * ruff, pytest and what the supervisor imports, in a virtual environment that is made once for each list of them. It gets its
 * name when it is complete: two runs at the same time don't meet in a half-made one.
 */
async function providePython({ root, env }: Place, run: Run): Promise<Partial<Provided>> {
  const project = join(root, 'images/supervisor/pyproject.toml');
  const digest = createHash('sha256')
    .update(await readFile(project))
    .digest('hex')
    .slice(0, 12);
  const cache = join(root, '.cache');
  const name = join(cache, `python-${digest}`);
  const python = join(name, 'bin');
  if (await isReadable(python)) return { python };
  if (!(await findProgram('python3', env)) || !(await hasVenv(run))) await installDebian(['python3', 'python3-venv'], run);
  run.report?.('installing ruff and pytest');
  const folder = await mkdtemp(`${name}-`);
  await runProgram('python3', ['-m', 'venv', folder], run);
  const list = `import tomllib; print(*tomllib.load(open(${JSON.stringify(project)}, "rb"))["dependency-groups"]["dev"], sep="\\n")`;
  const packages = (await runProgram(join(folder, 'bin/python'), ['-c', list], { signal: run.signal })).split('\n');
  await runProgram(join(folder, 'bin/python'), ['-m', 'pip', 'install', '--disable-pip-version-check', '--quiet', ...packages], run);
  await symlink(folder, name).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  return { python };
}

async function hasVenv(run: Run): Promise<boolean> {
  try {
    await runProgram('python3', ['-c', 'import ensurepip, venv'], { signal: run.signal });
    return true;
  } catch {
    return false;
  }
}

/** One that answers, and is left alone; else one that is started now, and stopped afterwards. */
async function provideEngine({ root, home, env, command, stack }: Place, run: Run): Promise<Partial<Provided>> {
  await ensureDebootstrap(env, run);
  const found = await findEngine({ env, home, command }, run.signal);
  if ('engine' in found) return { socket: found.engine.socket };
  const daemon = await readDaemon(home);
  const place = daemon && !(await isDaemonRunning(daemon)) ? home : join(root, '.cache/engine');
  await mkdir(place, { recursive: true });
  stack.defer(async () => void (await stopDaemon(place, { signal: AbortSignal.timeout(60_000) })));
  if (place === home) return { socket: (await startDaemon(home, run)).socket };
  const { engine } = await ensureEngine({ env, home: place, command }, run);
  return { socket: engine.socket };
}

/** What the gateway runs Git with, and what the tests' own Git server is made of. */
async function provideGit({ env }: Place, run: Run): Promise<Partial<Provided>> {
  await ensureGit(env, run, gitForTests);
  return {};
}

/** VS Code and a browser to drive it. */
async function provideEditor({ root, env }: Place, run: Run): Promise<Partial<Provided>> {
  await runProgram('node', ['test/vscode/install.ts'], { ...run, cwd: root, env: withNode(env) });
  return {};
}
