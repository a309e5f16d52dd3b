/** What one would do by hand instead: `uv pip install` in a plain venv, and `docker commit` of a container in which one small file changed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export type PlainUv = AsyncDisposable & {
  /** Into the venv, from uv's warm cache, then a commit. @returns milliseconds of each */
  installAndCommit(name: string): Promise<{ install: number; commit: number }>;
};

const repository = `bine-bench-${process.pid}`;

/** @param image whose uv is used, outside of it, and of which containers are committed. @param folder where the venv is made */
export async function plainUv(image: string, folder: string, packages: readonly string[]): Promise<PlainUv> {
  const uv = join(folder, 'uv');
  const python = join(folder, 'venv/bin/python');
  const environment = { ...process.env, UV_CACHE_DIR: join(folder, 'uv-cache') };
  const pip = (...words: string[]) => run(uv, ['pip', ...words, '--python', python, '--quiet'], environment);
  const container = await run('docker', ['create', image]);
  await run('docker', ['cp', `${container}:/usr/local/bin/uv`, uv]);
  await run('docker', ['rm', container]);
  await run(uv, ['venv', '--quiet', join(folder, 'venv')], environment);
  await pip('install', ...packages);
  await pip('uninstall', ...packages);
  return {
    async installAndCommit(name) {
      const changed = await run('docker', ['run', '--detach', '--user', '0:0', image, 'sleep', '600']);
      await run('docker', ['exec', '--user', '0:0', changed, 'sh', '-c', 'echo x > /opt/env/small']);
      const install = await timed(() => pip('install', name));
      const commit = await timed(() => run('docker', ['commit', changed, `${repository}:${name}`]));
      await pip('uninstall', name);
      await run('docker', ['rm', '--force', changed]);
      await run('docker', ['rmi', `${repository}:${name}`]);
      return { install, commit };
    },
    async [Symbol.asyncDispose]() {
      const left = (await run('docker', ['images', '--quiet', repository])).split('\n').filter((id) => id !== '');
      if (left.length > 0) await run('docker', ['rmi', ...left]);
    },
  };
}

/** @returns milliseconds */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const before = performance.now();
  await work();
  return performance.now() - before;
}

/** @returns what it printed */
async function run(command: string, words: string[], env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const child = spawn(command, words, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${command} ${words.join(' ')} ended with ${code}.`);
  return text.trim();
}
