/** `bine cp` in a process of its own, which is told to end in the middle. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { glob, mkdir, readdir, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { until } from '../../../test/until.ts';
import { startCommandLine } from '../command-line.fixture.ts';
import type { TestCommandLine } from '../command-line.fixture.ts';

const program = fileURLToPath(new URL('../main.ts', import.meta.url));
/** More than can be copied before the signal comes. It takes no room as long as nobody copies it. */
const largeBytes = 8 * 2 ** 30;
const smallFiles = 100;

describe('bine cp that is told to end', { timeout: 120_000 }, () => {
  let commandLine: TestCommandLine;
  before(async () => {
    commandLine = await startCommandLine();
  });
  after(() => commandLine[Symbol.asyncDispose]());

  /** A folder with many files, of which one never gets done. */
  async function fill(folder: string): Promise<void> {
    await mkdir(folder, { recursive: true });
    for (let i = 0; i < smallFiles; i++) await writeFile(join(folder, `small-${i}`), 'small');
    await writeFile(join(folder, 'large'), '');
    await truncate(join(folder, 'large'), largeBytes);
  }

  /** Resolves when more than a piece of the large file is there under a name of its own. */
  async function underWay(pattern: string, signal: AbortSignal): Promise<void> {
    const look = async () => {
      for await (const found of glob(pattern)) {
        const size = await stat(found).then(
          (one) => (one.isFile() ? one.size : 0),
          () => 0,
        );
        if (size > 2 ** 20) return true;
      }
      return false;
    };
    await until(look, 'a part of the large file', { signal, everyMs: 0 });
  }

  /** Copies until `pattern` shows that it is in the middle, and sends the signal. */
  async function interrupt(words: string[], { pattern, signal, test }: { pattern: string; signal: NodeJS.Signals; test: AbortSignal }) {
    const { env, folder } = commandLine;
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, 'cp', ...words], {
      env: { ...process.env, ...env, BINE_HOME: join(folder, 'no-home') },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let err = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (err += chunk));
    const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
    await Promise.race([underWay(pattern, test), closed.then(() => assert.fail(`it ended by itself: ${err}`))]);
    child.kill(signal);
    const [code] = await closed;
    assert.match(err, /Interrupted\./);
    return code;
  }

  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    it(`by ${signal} ends with ${code} and leaves no half of a file in the project`, async ({ signal: test }) => {
      const { folder, gateway, bine } = commandLine;
      const project = `up-${signal.toLowerCase()}`;
      await bine('project', 'create', project);
      await fill(join(folder, project));
      const pattern = join(gateway.home, 'projects', '*', 'bin', '.incoming', '**');
      assert.equal(await interrupt([join(folder, project), `${project}:`], { pattern, signal, test }), code);
      const client = await gateway.connect(gateway.key);
      const { entries: files } = await client.files.list({ project, path: project });
      assert.deepEqual(
        files.filter(({ path, size }) => path.endsWith('large') || size !== 5),
        [],
      );
    });

    it(`by ${signal} ends with ${code} and leaves no half of a file on this machine`, async ({ signal: test }) => {
      const { folder, gateway, bine } = commandLine;
      const project = `down-${signal.toLowerCase()}`;
      await bine('project', 'create', project);
      const client = await gateway.connect(gateway.key);
      await client.files.mkdir({ project, path: 'data' });
      for await (const data of glob(join(gateway.home, 'projects', '*', 'files', 'data'))) {
        if ((await readdir(data)).length === 0) await fill(data);
      }
      const target = join(folder, project);
      assert.equal(await interrupt([`${project}:data`, target], { pattern: join(target, 'large*'), signal, test }), code);
      const left = await readdir(target);
      assert.deepEqual(
        left.filter((name) => !name.startsWith('small-') || name.includes('part')),
        [],
      );
      for (const name of left) assert.equal((await stat(join(target, name))).size, 5);
    });
  }
});
