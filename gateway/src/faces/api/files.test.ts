import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { linkSync } from 'node:fs';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createORPCClient, getEventMeta } from '@orpc/client';
import { RPCLink } from '@orpc/client/fetch';
import type { ContractRouterClient } from '@orpc/contract';
import { RPCHandler } from '@orpc/server/node';
import type { contract } from '@bine/shared';
import { nobody } from '../../domains/access/principal.ts';
import { createImplementer } from './base.ts';
import { fileHandlers } from './files.ts';
import { startFilesServer } from './files-server.fixture.ts';
import type { FilesServer } from './files-server.fixture.ts';

type Client = ContractRouterClient<typeof contract.files>;

describe('the procedures of files', () => {
  let server: FilesServer;
  let client: Client;
  const disposals = new AsyncDisposableStack();

  before(async () => {
    server = disposals.use(await startFilesServer());
    const handler = new RPCHandler(fileHandlers(createImplementer(), server.files));
    const http = createServer((request, response) => {
      void handler.handle(request, response, { context: { requestId: 'test', caller: nobody, principal: nobody, address: null } });
    }).listen(0, '127.0.0.1');
    await once(http, 'listening');
    disposals.defer(() => {
      http.closeAllConnections();
      http.close();
    });
    client = createORPCClient(new RPCLink({ url: `http://127.0.0.1:${(http.address() as AddressInfo).port}` }));
  });
  after(() => disposals.disposeAsync());

  const project = 'demo';

  it('list a folder by name, and tell links', async () => {
    for (const name of ['file 10', 'file 2', 'File 3']) await writeFile(join(server.folder, name), '');
    await client.mkdir({ project, path: 'zoo/deep' });
    await symlink('zoo', join(server.folder, 'linked'));
    const { entries: listed, ...rest } = await client.list({ project });
    assert.deepEqual(rest, { next: null, total: 5 });
    assert.deepEqual(
      listed.map(({ path, link }) => (link ? `${path} (link)` : path)),
      ['File 3', 'file 10', 'file 2', 'linked (link)', 'zoo'],
    );
    assert.deepEqual(
      (await client.list({ project, path: 'zoo' })).entries.map(({ path }) => path),
      ['zoo/deep'],
    );
  });

  it('list a large folder in pages, whatever comes and goes between them', async () => {
    const path = 'many';
    const folder = join(server.folder, path);
    await mkdir(folder);
    const name = (number: number) => `f${String(number).padStart(6, '0')}`;
    const made = join(folder, name(0));
    await writeFile(made, '');
    for (let number = 1; number < 2500; number++) linkSync(made, join(folder, name(number)));
    const first = await client.list({ project, path });
    assert.deepEqual([first.entries.length, first.next, first.total], [1000, name(999), 2500]);
    await rm(join(folder, name(999)));
    await writeFile(join(folder, 'a-new-one'), '');
    const second = await client.list({ project, path, after: first.next! });
    const third = await client.list({ project, path, after: second.next!, limit: 500 });
    const paths = [first, second, third].flatMap(({ entries }) => entries.map((entry) => entry.path));
    assert.deepEqual(
      paths,
      Array.from({ length: 2500 }, (_, number) => `${path}/${name(number)}`),
    );
    assert.equal(third.next, null);
    await assert.rejects(client.list({ project, path, limit: 10_001 }), { status: 400 });
    await rm(folder, { recursive: true });
  });

  it('delete into the bin and restore from it', async () => {
    await client.mkdir({ project, path: 'gone/sub' });
    const { bin } = await client.delete({ project, path: 'gone' });
    assert.deepEqual(
      (await client.listBin({ project })).map(({ id, path }) => [id, path]),
      [[bin, 'gone']],
    );
    assert.equal((await client.restore({ project, id: bin! })).type, 'directory');
    assert.deepEqual(await client.delete({ project, path: 'gone', forever: true }), { bin: null });
    assert.deepEqual(await client.emptyBin({ project }), {});
  });

  it('rename and copy', async () => {
    await client.mkdir({ project, path: 'one' });
    assert.equal((await client.rename({ project, from: 'one', to: 'two' })).path, 'two');
    assert.equal((await client.copy({ project, from: 'two', to: 'three' })).path, 'three');
  });

  it('list a folder whose files claim times that no date can say', async () => {
    await writeFile(join(server.folder, 'zoo/odd'), '');
    execFileSync('touch', ['-d', '@253402400000', join(server.folder, 'zoo/odd')]);
    const odd = (await client.list({ project, path: 'zoo' })).entries.find(({ path }) => path === 'zoo/odd');
    // Some disks keep less of it than was claimed.
    assert.match(odd!.modified, /^\d{4}-/);
  });

  it('tell changes as they happen, and go on where a client that lost its connection had been', async () => {
    const leave = new AbortController();
    const seen: string[] = [];
    let last: string | undefined;
    for await (const change of await client.watch({ project }, { signal: leave.signal })) {
      last = getEventMeta(change)?.id;
      seen.push(`${change.type} ${change.path}`);
      if (change.type === 'reset') await writeFile(join(server.folder, 'first'), '');
      else break;
    }
    leave.abort();
    assert.deepEqual(seen, ['reset ', 'created first']);
    await writeFile(join(server.folder, 'second'), '');
    const back = new AbortController();
    for await (const change of await client.watch({ project }, { lastEventId: last!, signal: back.signal })) {
      if (change.path !== 'second') assert.equal(change.path, 'first');
      assert.notEqual(change.type, 'reset');
      if (change.path === 'second') break;
    }
    back.abort();
  });
});
