import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, readdir, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { ProblemBody } from '@bine/shared/problems';
import { secret, startFilesServer } from './files-server.fixture.ts';
import type { FilesServer } from './files-server.fixture.ts';

type Refusal = { status: number; code: string; why: RegExp };

const leaves = (why: RegExp): Refusal => ({ status: 403, code: 'path-refused', why });
const isNoPath = (why: RegExp): Refusal => ({ status: 422, code: 'invalid', why });

/** As the path stands in the query. */
const asked: [string, Refusal][] = [
  ['../outside/secret.txt', leaves(/"\.\."/)],
  ['%2e%2e/outside/secret.txt', leaves(/"\.\."/)],
  ['%2E%2E%2Foutside%2Fsecret.txt', leaves(/"\.\."/)],
  ['%252e%252e%252foutside%252fsecret.txt', leaves(/percent-encoded/)],
  ['sub/../../outside/secret.txt', leaves(/"\.\."/)],
  ['/etc/passwd', leaves(/absolute/)],
  ['%2Fetc%2Fpasswd', leaves(/absolute/)],
  ['%252Fetc%252Fpasswd', leaves(/percent-encoded/)],
  ['sub/./a.txt', isNoPath(/"\."/)],
  ['sub//a.txt', isNoPath(/empty name/)],
  ['sub/', isNoPath(/empty name/)],
  ['..%5Coutside%5Csecret.txt', isNoPath(/backslash/)],
  ['sub/a%0Ab.txt', isNoPath(/line break/)],
  ['sub/a%0Db.txt', isNoPath(/line break/)],
  ['sub/a%1B[31m', isNoPath(/control character/)],
  ['a.txt%00.csv', isNoPath(/NUL/)],
  ['%FF%FE', isNoPath(/UTF-8/)],
  ['%ED%A0%80', isNoPath(/UTF-8/)],
  ['x'.repeat(256), isNoPath(/255 bytes/)],
  ['x/'.repeat(2100), isNoPath(/path/)],
  ['a.txt&path=b.txt', isNoPath(/path/)],
  ['a.txt&version=1', isNoPath(/version/)],
];

/** Planted in the project, as a program in a container could. */
const planted: [string, Refusal][] = [
  ['link-to-secret', leaves(/leads out/)],
  ['absolute-link-to-secret', leaves(/leads out/)],
  ['link-to-outside/secret.txt', leaves(/leads out/)],
  ['link-to-outside/new.txt', leaves(/leads out/)],
  ['sub/link-to-link/secret.txt', leaves(/leads out/)],
  ['link-through-proc', leaves(/leads out/)],
  ['circle', leaves(/circle/)],
  ['circle/a.txt', leaves(/circle/)],
  ['pipe', leaves(/pipe/)],
  ['socket', leaves(/socket/)],
  ...(process.getuid?.() === 0 ? [['device', leaves(/device/)] satisfies [string, Refusal]] : []),
];

describe('a path that leaves the project', () => {
  let server: FilesServer;
  const socket = createServer();

  before(async () => {
    server = await startFilesServer();
    const { folder, outside } = server;
    await mkdir(join(folder, 'sub'));
    await symlink('../outside/secret.txt', join(folder, 'link-to-secret'));
    await symlink(join(outside, 'secret.txt'), join(folder, 'absolute-link-to-secret'));
    await symlink('../outside', join(folder, 'link-to-outside'));
    await symlink('../link-to-outside', join(folder, 'sub/link-to-link'));
    await symlink('/proc/self/root/etc/passwd', join(folder, 'link-through-proc'));
    await symlink('circle', join(folder, 'circle'));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    if (process.getuid?.() === 0) execFileSync('mknod', [join(folder, 'device'), 'c', '1', '5']);
    socket.listen(join(folder, 'socket'));
    await once(socket, 'listening');
  });
  after(async () => {
    socket.close();
    await server[Symbol.asyncDispose]();
  });

  async function assertRefused(response: Response, { status, code, why }: Refusal): Promise<void> {
    const body = (await response.json()) as ProblemBody;
    assert.deepEqual([response.status, body.code], [status, code], body.detail);
    assert.match(body.detail, why);
    assert.ok(!body.detail.includes(server.outside), 'the gateway keeps its own paths to itself');
  }

  for (const [path, refusal] of [...asked, ...planted]) {
    const name = path.length > 60 ? `${path.slice(0, 60)}…` : path;
    it(`is refused when it is read: ${name}`, async () => assertRefused(await server.content(path), refusal));
    it(`is refused when it is written: ${name}`, async () => {
      await assertRefused(await server.content(path, { method: 'PUT', body: 'changed' }), refusal);
      assert.equal(await readFile(join(server.outside, 'secret.txt'), 'utf8'), secret);
      assert.deepEqual(await readdir(server.outside), ['secret.txt']);
    });
  }

  it('may lead through a link that stays inside, also through one that only containers understand', async () => {
    const { folder } = server;
    await mkdir(join(folder, 'inside/deep'), { recursive: true });
    await writeFile(join(folder, 'inside/a.txt'), 'inside');
    await symlink('../../inside', join(folder, 'inside/deep/up'));
    await symlink('/project/inside', join(folder, 'from-container'));
    await symlink('inside/deep/up/deep/../a.txt', join(folder, 'winding'));
    for (const path of ['inside/deep/up/a.txt', 'from-container/a.txt', 'winding']) {
      const response = await server.content(path);
      assert.deepEqual([response.status, await response.text()], [200, 'inside'], path);
    }
  });

  it('is not made by writing to a link that leads nowhere yet', async () => {
    await symlink('../outside/new.txt', join(server.folder, 'dangling-out'));
    await assertRefused(await server.content('dangling-out', { method: 'PUT', body: 'x' }), leaves(/leads out/));
    await symlink('sub/new.txt', join(server.folder, 'dangling-in'));
    assert.equal((await server.content('dangling-in', { method: 'PUT', body: 'x' })).status, 200);
    assert.equal(await readFile(join(server.folder, 'sub/new.txt'), 'utf8'), 'x');
    assert.deepEqual(await readdir(server.outside), ['secret.txt']);
  });
});
