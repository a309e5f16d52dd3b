import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { apiPrefix, scopes, socketPath, socketProtocol } from '@bine/shared';
import { openSocket, opened, Refused, startGateway } from './gateway.ts';

const main = resolve(import.meta.dirname, '../../gateway/src/main.ts');

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'bine-start-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The program itself; `said` waits for a log line. */
function run(
  t: TestContext,
  home: string,
): {
  child: ChildProcess;
  said(message: string): Promise<Record<string, string>>;
  /** The line that says why it ended by itself. */
  fatal(): Promise<Record<string, string>>;
  ended: Promise<unknown[]>;
} {
  const words = [main, '--home', home, '--port', '0', '--docker', `unix://${join(home, 'none.sock')}`];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const lines: Record<string, string>[] = [];
  const reader = createInterface(child.stdout);
  reader.on('line', (line) => lines.push(JSON.parse(line) as Record<string, string>));
  const closed = once(reader, 'close');
  return {
    child,
    ended: once(child, 'close'),
    async fatal() {
      await closed;
      return lines.find((line) => line['level'] === 'fatal') ?? assert.fail('it did not say why it ended');
    },
    async said(message) {
      const find = () => lines.find((line) => line['msg']?.includes(message));
      while (!find())
        await Promise.race([once(reader, 'line'), once(reader, 'close').then(() => assert.ok(find(), `it never said "${message}"`))]);
      return find()!;
    },
  };
}

async function announced(home: string) {
  return JSON.parse(await readFile(join(home, 'gateway.json'), 'utf8')) as { url: string; pid: number; gateway: string; version: string };
}

describe('a gateway that starts', () => {
  it('answers 503 and says when to come back, until it knows what runs', async (t) => {
    const folder = await temporaryFolder(t);
    const asked = Promise.withResolvers<void>();
    const waiting = new Set<Socket>();
    const engine = createServer((socket) => {
      waiting.add(socket.on('error', () => undefined));
      asked.resolve();
    });
    await once(engine.listen(join(folder, 'engine.sock')), 'listening');
    t.after(() => engine.close());
    await using gateway = await startGateway({ docker: join(folder, 'engine.sock'), ready: false });
    await asked.promise;

    const refused = await gateway.fetch(`${apiPrefix}/projects`, { key: gateway.key });
    assert.equal(refused.status, 503);
    assert.equal(refused.headers.get('retry-after'), '1');
    assert.equal(((await refused.json()) as { code: string }).code, 'starting');
    await assert.rejects(
      opened(openSocket(gateway.url, socketPath, { key: gateway.key })),
      (error: unknown) => error instanceof Refused && error.status === 503,
    );
    assert.deepEqual(await (await gateway.fetch(`${apiPrefix}/health`)).json(), { status: 'starting', version: '0.1.0' });

    // The engine goes away: there is nothing to wait for.
    engine.close();
    for (const socket of waiting) socket.destroy();
    await gateway.ready;
    assert.equal((await gateway.fetch(`${apiPrefix}/projects`, { key: gateway.key })).status, 200);
  });

  it('works without an engine, but for kernels, which say what is missing', async () => {
    await using gateway = await startGateway();
    const client = await gateway.connect(gateway.key);
    assert.equal((await client.system.status({})).engine, null);
    await client.projects.create({ name: 'p' });
    await assert.rejects(
      client.kernels.start({ project: 'p', environment: 'python-training' }),
      (error: { data: { code: string; detail: string } }) => {
        assert.equal(error.data.code, 'engine-unavailable');
        assert.match(error.data.detail, /no-engine\.sock.*bine doctor/);
        return true;
      },
    );
  });

  it('makes a folder and a key for the administrator that only its own user can read', async (t) => {
    const home = join(await temporaryFolder(t), 'home');
    const first = run(t, home);
    await first.said('ready');
    const file = join(home, 'admin.key');
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.equal((await stat(home)).mode & 0o777, 0o700);
    const key = await readFile(file, 'utf8');
    assert.match(key, /^bine_[\w-]{43}\n$/);
    first.child.kill('SIGTERM');
    await first.ended;

    const second = run(t, home);
    await second.said('ready');
    assert.equal(await readFile(file, 'utf8'), key, 'the key stays');
    second.child.kill('SIGTERM');
    await second.ended;

    await rm(file);
    const third = run(t, home);
    await third.said('ready');
    assert.notEqual(await readFile(file, 'utf8'), key, 'a lost key is replaced');
  });

  it('gives the key of an earlier version the scopes that came since', async (t) => {
    const home = await temporaryFolder(t);
    const first = run(t, home);
    await first.said('ready');
    const key = await readFile(join(home, 'admin.key'), 'utf8');
    first.child.kill('SIGTERM');
    await first.ended;
    const database = new DatabaseSync(join(home, 'bine.db'));
    database.exec(`UPDATE keys SET scopes = '["projects:read"]'`);
    database.close();

    const second = run(t, home);
    await second.said('ready');
    assert.equal(await readFile(join(home, 'admin.key'), 'utf8'), key);
    const { url } = await announced(home);
    const me = await fetch(`${url}${apiPrefix}/me`, { headers: { authorization: `Bearer ${key.trim()}` } });
    assert.deepEqual(((await me.json()) as { key: { scopes: string[] } }).key.scopes, scopes);
  });

  it('leaves a folder alone that another one holds, also when that one was killed and is gone', async (t) => {
    const home = await temporaryFolder(t);
    const first = run(t, home);
    await first.said('listening');
    const { url, pid, gateway } = await announced(home);
    assert.equal(pid, first.child.pid);

    const second = run(t, home);
    assert.match((await second.said('Another gateway'))['msg']!, new RegExp(`process ${pid}, ${url}.*bine down`));
    assert.deepEqual(await second.ended, [1, null]);
    assert.equal((await announced(home)).pid, pid, 'the announcement of the first one stays');

    first.child.kill('SIGKILL');
    await first.ended;
    const third = run(t, home);
    await third.said('ready');
    assert.equal((await announced(home)).gateway, gateway, 'it is the same gateway');
  });
});

describe('a gateway that cannot start', () => {
  const damages: [string, RegExp, (home: string) => Promise<Disposable | void>][] = [
    ['a lock that is a folder', /gateway\.lock/, (home) => mkdir(join(home, 'gateway.lock'))],
    ['a folder for the audit log that is a file', /audit/, (home) => writeFile(join(home, 'audit'), '')],
    ['a key for secrets that is none', /secrets\.key is no key\. Restore it/, (home) => writeFile(join(home, 'secrets.key'), 'zz')],
    [
      'a database that another program has locked',
      /^The database is locked: another program/,
      async (home) => {
        const database = new DatabaseSync(join(home, 'bine.db'));
        database.exec('BEGIN EXCLUSIVE');
        return { [Symbol.dispose]: () => database.close() };
      },
    ],
  ];
  for (const [what, told, damage] of damages) {
    it(`because of ${what} says so in a sentence, without a stack`, async (t) => {
      const home = await temporaryFolder(t);
      const held = await damage(home);
      t.after(() => held?.[Symbol.dispose]());
      const gateway = run(t, home);
      const line = await gateway.fatal();
      assert.match(line['msg'] ?? '', told);
      assert.equal(line['err'], undefined);
      assert.deepEqual(await gateway.ended, [1, null]);
    });
  }
});

describe('a gateway that stops', () => {
  it('tells its sockets to come back, and ends cleanly', async (t) => {
    const home = await temporaryFolder(t);
    const { child, said, ended } = run(t, home);
    await said('ready');
    const { url } = await announced(home);
    const key = (await readFile(join(home, 'admin.key'), 'utf8')).trim();
    const socket = openSocket(url, socketPath, { protocol: socketProtocol, key });
    await opened(socket);
    const stream = await fetch(`${url}${apiPrefix}/events`, { headers: { authorization: `Bearer ${key}` } });
    const cut = assert.rejects(stream.text(), 'a stream that is cut does not look ended');
    const closed = once(socket, 'close');
    child.kill('SIGTERM');
    assert.equal((await closed)[0], 1012);
    await cut;
    assert.deepEqual(await ended, [0, null]);
    await assert.rejects(readFile(join(home, 'gateway.json')), { code: 'ENOENT' });
  });
});
