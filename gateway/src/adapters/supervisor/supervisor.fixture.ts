/** For tests and benchmarks: a real supervisor with a real kernel, without a container. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const sources = join(root, 'images/supervisor');

/**
 * A Python with ipykernel: the one in BINE_TEST_PYTHON, else one made once under node_modules/.cache from the groups of
 * images/supervisor/pyproject.toml, with uv or, where there is none, python3 ≥ 3.11 and its venv module.
 */
export async function kernelPython(...groups: ('dev' | 'bench')[]): Promise<string> {
  const given = process.env['BINE_TEST_PYTHON'];
  if (given && groups.length === 0) return given;
  const project = await readFile(join(sources, 'pyproject.toml'), 'utf8');
  const packages = (groups.length > 0 ? groups : ['dev']).flatMap((group) => packagesOf(project, group));
  const name = createHash('sha256').update(packages.join(' ')).digest('hex').slice(0, 12);
  const cache = join(root, 'node_modules/.cache/bine-kernel-venv');
  const python = join(cache, name, 'bin/python');
  await mkdir(cache, { recursive: true });
  // Test files run side by side, and one of them is enough to make it.
  const script = `
    set -e; test ! -e "$0/complete" || exit 0; rm -rf "$0"
    if command -v uv >/dev/null; then uv venv -q --python '>=3.11' "$0"; uv pip install -q --compile-bytecode --python "$0/bin/python" "$@"
    else python3 -m venv "$0"; "$0/bin/python" -m pip install -q --disable-pip-version-check "$@"; fi
    touch "$0/complete"`;
  await run('flock', [`${cache}/lock`, 'bash', '-c', script, join(cache, name), ...packages]);
  await access(python);
  return python;
}

/** The pins of a dependency group. */
function packagesOf(project: string, group: string): string[] {
  const listed = new RegExp(`^${group} = \\[(.*)\\]$`, 'm').exec(project)?.[1] ?? '';
  return [...listed.matchAll(/"([\w.-]+==[\w.]+)"/g)].map(([, pin]) => pin!);
}

async function run(command: string, args: string[]): Promise<void> {
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`${command} failed with ${code}: the Python for kernels could not be made; see above`);
}

export type SupervisorProcess = {
  /** The kernel's folder. */
  directory: string;
  pid: number;
  /** Exit code, or null where a signal ended it. */
  exited: Promise<number | null>;
  kill(signal: NodeJS.Signals): void;
  [Symbol.asyncDispose](): Promise<void>;
};

export type StartOptions = { python?: string; directory?: string; quota?: number };

/** In a folder of its own, which goes with it, unless one is given. */
export async function startSupervisor(options: StartOptions = {}): Promise<SupervisorProcess> {
  const python = options.python ?? (await kernelPython());
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'bine-kernel-')));
  const flags = ['--directory', directory, '--python', python, '--cwd', directory];
  // A killed supervisor leaves its sockets' folder.
  const temporary = await mkdtemp(join(tmpdir(), 'bine-sockets-'));
  if (options.quota) flags.push('--quota', String(options.quota));
  const child = spawn(python, ['-m', 'bine_supervisor', ...flags], {
    env: { ...process.env, PYTHONPATH: sources, PYTHONDONTWRITEBYTECODE: '1', TMPDIR: temporary },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', resolve);
  });
  return {
    directory,
    pid: child.pid!,
    exited,
    kill: (signal) => void child.kill(signal),
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await exited;
      await rm(temporary, { recursive: true, force: true });
      if (!options.directory) await rm(directory, { recursive: true, force: true });
    },
  };
}
