import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { openHome } from './home.ts';

const nobody = 65534;
const hold = `
  const { setuid } = process;
  const lock = new (require('node:sqlite').DatabaseSync)(process.argv[1]);
  lock.exec('BEGIN EXCLUSIVE');
  setuid.call(process, ${nobody});
  console.log('held');
  process.stdin.resume();`;

it('says which process of another user holds its lock, and that the file may be removed', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'bine-home-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'gateway.lock');
  await writeFile(file, '');
  const holder = spawn(process.execPath, ['-e', hold, file], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => holder.kill('SIGKILL'));
  await once(holder.stdout, 'data');
  const message = new RegExp(`process ${holder.pid} of the user ${nobody}.*gateway\\.lock.*remove the file`);
  await assert.rejects(openHome(folder), { code: 'conflict', message });
  await rm(file);
  (await openHome(folder))[Symbol.dispose]();
});
