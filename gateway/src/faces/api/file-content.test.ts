import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, readFile, readdir, stat, truncate, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { FileStat } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { ProblemBody } from '@bine/shared/problems';
import { contentUrl, startFilesServer } from './files-server.fixture.ts';
import type { FilesServer } from './files-server.fixture.ts';

let server: FilesServer;
before(async () => {
  server = await startFilesServer();
});
after(() => server[Symbol.asyncDispose]());

const put = (path: string, body: BodyInit, headers: Record<string, string> = {}) => server.content(path, { method: 'PUT', body, headers });
const codeOf = async (response: Response) => ((await response.json()) as ProblemBody).code;
const etagOf = (response: Response) => response.headers.get('etag')!;

/** Nothing waits beside the bin for a write that ended. */
async function assertNothingLeft(): Promise<void> {
  await Promise.allSettled(server.writes);
  for (const start of await readdir(join(server.bin, '.incoming'))) {
    assert.deepEqual(await readdir(join(server.bin, '.incoming', start)), []);
  }
}

describe('reading bytes', () => {
  beforeEach(() => writeFile(join(server.folder, 'ten.txt'), '0123456789'));

  const ranges: [string, number, string, string | null][] = [
    ['bytes=0-3', 206, '0123', 'bytes 0-3/10'],
    ['bytes=4-', 206, '456789', 'bytes 4-9/10'],
    ['bytes=-3', 206, '789', 'bytes 7-9/10'],
    ['bytes=-30', 206, '0123456789', 'bytes 0-9/10'],
    ['bytes=8-99', 206, '89', 'bytes 8-9/10'],
    ['bytes=9-9', 206, '9', 'bytes 9-9/10'],
    ['bytes=5-2', 200, '0123456789', null],
    ['bytes=0-1,4-5', 200, '0123456789', null],
    ['lines=0-1', 200, '0123456789', null],
    ['bytes=-', 200, '0123456789', null],
  ];
  for (const [range, status, text, contentRange] of ranges) {
    it(`gives ${JSON.stringify(text)} for the range ${range}`, async () => {
      const response = await server.content('ten.txt', { headers: { range } });
      assert.deepEqual([response.status, await response.text(), response.headers.get('content-range')], [status, text, contentRange]);
    });
  }

  for (const range of ['bytes=10-', 'bytes=99-100', 'bytes=-0']) {
    it(`says how long the file is when the range ${range} is outside of it`, async () => {
      const response = await server.content('ten.txt', { headers: { range } });
      assert.deepEqual([response.status, response.headers.get('content-range'), await codeOf(response)], [416, 'bytes */10', 'bad-range']);
    });
  }

  it('gives a range only of the version that If-Range names', async () => {
    const etag = etagOf(await server.content('ten.txt', { method: 'HEAD' }));
    const parts = await Promise.all(
      [etag, '"other"'].map(async (known) =>
        (await server.content('ten.txt', { headers: { range: 'bytes=0-1', 'if-range': known } })).text(),
      ),
    );
    assert.deepEqual(parts, ['01', '0123456789']);
  });

  it('answers HEAD with the length and no body', async () => {
    const response = await server.content('ten.txt', { method: 'HEAD' });
    assert.deepEqual([response.status, response.headers.get('content-length'), await response.text()], [200, '10', '']);
  });

  it('gives an empty file', async () => {
    await writeFile(join(server.folder, 'empty'), '');
    const response = await server.content('empty');
    assert.deepEqual([response.status, await response.text()], [200, '']);
  });

  it('saves sending what the client has, until a program changes it', async () => {
    const etag = etagOf(await server.content('ten.txt'));
    const again = await server.content('ten.txt', { headers: { 'if-none-match': `W/"x", ${etag}` } });
    assert.deepEqual([again.status, etagOf(again)], [304, etag]);
    await writeFile(join(server.folder, 'ten.txt'), '9876543210');
    assert.equal((await server.content('ten.txt', { headers: { 'if-none-match': etag } })).status, 200);
  });

  it('cuts the connection when the file shrinks meanwhile, so that half a file never looks whole', async () => {
    const size = 64 * 1024 * 1024;
    await writeFile(join(server.folder, 'shrinking'), '');
    await truncate(join(server.folder, 'shrinking'), size);
    const response = await server.content('shrinking');
    const reader = response.body!.getReader();
    await reader.read();
    await truncate(join(server.folder, 'shrinking'), 1024);
    await assert.rejects(async () => {
      while (!(await reader.read()).done);
    });
  });

  it('tells a missing file from a folder', async () => {
    assert.equal((await server.content('missing')).status, 404);
    assert.equal((await server.content('ten.txt/below')).status, 404);
    assert.equal((await server.content('')).status, 409);
  });

  it('lets nobody in whom the gateway does not know', async () => {
    await using closed = await startFilesServer({ authorise: () => Promise.reject(new Problem('no-key', 'Sign in.')) });
    assert.equal((await closed.content('a')).status, 401);
    assert.equal((await closed.content('a', { method: 'PUT', body: 'x' })).status, 401);
    assert.deepEqual(await readdir(closed.folder), []);
  });
});

describe('writing bytes', () => {
  const path = () => join(server.folder, 'doc.txt');
  const text = () => readFile(path(), 'utf8');

  it("makes a file of the containers' user and answers with what it is now", async () => {
    const response = await put('made.txt', 'hello');
    const written = (await response.json()) as FileStat;
    const { uid, size } = await stat(join(server.folder, 'made.txt'));
    assert.deepEqual([response.status, written.path, written.size, size], [200, 'made.txt', 5, 5]);
    assert.equal(uid, process.getuid?.() === 0 ? 1000 : process.getuid?.());
    assert.equal(etagOf(response), `"${written.etag}"`);
    assert.equal(etagOf(await server.content('made.txt')), etagOf(response));
  });

  it('keeps the mode of the file that it replaces', async () => {
    await writeFile(path(), '#!/bin/sh');
    await chmod(path(), 0o750);
    await put('doc.txt', '#!/bin/bash');
    assert.equal((await stat(path())).mode & 0o777, 0o750);
  });

  it('is refused when the file changed since the client read it, and loses nothing', async () => {
    await writeFile(path(), 'mine');
    const etag = etagOf(await server.content('doc.txt'));
    await writeFile(path(), 'written by a kernel');
    const response = await put('doc.txt', 'yours', { 'if-match': etag });
    assert.deepEqual([response.status, await codeOf(response), await text()], [412, 'changed', 'written by a kernel']);
  });

  const refused: [string, Record<string, string>, number][] = [
    ['If-None-Match: * and the file exists', { 'if-none-match': '*' }, 412],
    ['If-Match names another version', { 'if-match': '"other"' }, 412],
    ['If-Match lacks its quotes', { 'if-match': 'other' }, 400],
  ];
  for (const [when, headers, status] of refused) {
    it(`is refused when ${when}`, async () => {
      await writeFile(path(), 'kept');
      assert.deepEqual([(await put('doc.txt', 'new', headers)).status, await text()], [status, 'kept']);
    });
  }

  it('is refused when If-Match names the very version, but as a weak one', async () => {
    await writeFile(path(), 'kept');
    const etag = (await server.content('doc.txt')).headers.get('etag')!;
    assert.deepEqual([(await put('doc.txt', 'new', { 'if-match': `W/${etag}` })).status, await text()], [412, 'kept']);
    assert.equal((await put('doc.txt', 'new', { 'if-match': etag })).status, 200);
  });

  it('is refused when If-Match: * and there is no file', async () => {
    assert.equal((await put('none.txt', 'new', { 'if-match': '*' })).status, 412);
    assert.ok(!(await readdir(server.folder)).includes('none.txt'));
  });

  it('lets exactly one of many win that read the same version', async () => {
    for (let round = 0; round < 10; round++) {
      await writeFile(path(), `version ${round}`);
      const etag = etagOf(await server.content('doc.txt'));
      const bodies = Array.from({ length: 8 }, (_, index) => `winner ${index}`);
      const statuses = await Promise.all(bodies.map(async (body) => (await put('doc.txt', body, { 'if-match': etag })).status));
      assert.deepEqual(
        statuses.filter((status) => status !== 412),
        [200],
      );
      assert.equal(await text(), bodies[statuses.indexOf(200)]);
    }
  });

  it('lets exactly one of many make a new file', async () => {
    const statuses = await Promise.all(
      Array.from({ length: 8 }, async (_, index) => (await put('one.txt', `${index}`, { 'if-none-match': '*' })).status),
    );
    assert.deepEqual(
      statuses.filter((status) => status !== 412),
      [200],
    );
    assert.equal(await readFile(join(server.folder, 'one.txt'), 'utf8'), `${statuses.indexOf(200)}`);
  });

  it('never shows half of what is written', async () => {
    const versions = [1, 2].map((byte) => Buffer.alloc(2 * 1024 * 1024, byte));
    await put('whole', versions[0]!);
    const state = { writing: true, reads: 0 };
    const write = async () => {
      try {
        for (let round = 1; round <= 12; round++) await put('whole', versions[round % 2]!);
      } finally {
        state.writing = false;
      }
    };
    const read = async () => {
      while (state.writing) {
        const bytes = await readFile(join(server.folder, 'whole'));
        assert.ok(versions.some((version) => version.equals(bytes)));
        state.reads += 1;
      }
    };
    await Promise.all([write(), read()]);
    assert.ok(state.reads > 0);
    await assertNothingLeft();
  });

  it('leaves nothing and changes nothing when the client goes away in the middle', async () => {
    await writeFile(path(), 'kept');
    const upload = request(contentUrl(server.url, 'doc.txt'), { method: 'PUT', headers: { 'content-length': 10_000_000 } });
    upload.on('error', () => undefined);
    const before = server.writes.length;
    upload.write(new Uint8Array(5_000_000));
    await once(upload, 'drain');
    upload.destroy();
    await assert.rejects(server.writes[before]!, (error) => error instanceof Problem && error.code === 'cancelled');
    assert.equal(await text(), 'kept');
    await assertNothingLeft();
  });

  it('is refused before the first byte when the disk has not that much left', async () => {
    const upload = request(contentUrl(server.url, 'huge'), { method: 'PUT', headers: { 'content-length': 2 ** 52 } });
    upload.on('error', () => undefined);
    upload.flushHeaders();
    const [response] = await once(upload, 'response');
    assert.equal(response.statusCode, 507);
    upload.destroy();
    assert.ok(!(await readdir(server.folder)).includes('huge'));
    await assertNothingLeft();
  });

  it('needs the folder that it writes to, and is no way to replace a folder', async () => {
    assert.equal((await put('missing/a.txt', 'x')).status, 404);
    await server.files.mkdir({ project: 'demo', path: 'folder' });
    assert.equal((await put('folder', 'x')).status, 409);
    assert.equal((await put('', 'x')).status, 403);
  });

  it('answers on the same connection after it refused a large body', async () => {
    const response = await put('missing/big', new Uint8Array(20_000_000));
    assert.deepEqual([response.status, await codeOf(response)], [404, 'not-found']);
  });
});
