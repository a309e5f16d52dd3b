import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RequestListener } from 'node:http';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { createPackageIndex } from './package-index.ts';
import { readIndexSettings } from './settings.ts';

const never = new AbortController().signal;

async function serve(t: TestContext, answer: RequestListener): Promise<URL> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/simple`);
}

const pages: Record<string, [type: string, body: string]> = {
  '/simple/my-tool/': [
    'application/vnd.pypi.simple.v1+json',
    JSON.stringify({
      files: [
        { filename: 'my_tool-1.9.tar.gz', url: '/files/my_tool-1.9.tar.gz' },
        { filename: 'my_tool-1.10-py3-none-any.whl', url: '/files/my_tool-1.10-py3-none-any.whl', 'core-metadata': true },
        { filename: 'my_tool-2.0-py3-none-any.whl', url: '/files/my_tool-2.0-py3-none-any.whl', yanked: 'broken' },
      ],
    }),
  ],
  '/files/my_tool-1.10-py3-none-any.whl.metadata': [
    'text/plain',
    'Metadata-Version: 2.4\nName: my-tool\nSummary: Does it\n\nSummary: not this\n',
  ],
  '/simple/old/': [
    'text/html',
    '<a href="../../files/old-1.0.zip#sha256=00">old-1.0.zip</a><a data-yanked="" href="../../files/old-1.1.zip">old-1.1.zip</a>',
  ],
};

const index: RequestListener = (request, response) => {
  const [type, body] = pages[request.url!] ?? [];
  if (type) response.setHeader('content-type', type).end(body);
  else response.writeHead(404).end();
};

describe('a package index', () => {
  it('tells the versions of a package, newest first and without those withdrawn, and its summary', async (t) => {
    const { find } = createPackageIndex((await serve(t, index)).href);
    assert.deepEqual(await find('my-tool', never), { name: 'my-tool', versions: ['1.10', '1.9'], summary: 'Does it' });
  });

  it('may speak HTML only', async (t) => {
    const { find } = createPackageIndex((await serve(t, index)).href);
    assert.deepEqual(await find('old', never), { name: 'old', versions: ['1.0'], summary: null });
  });

  it('knows no package of another name', async (t) => {
    const { find } = createPackageIndex((await serve(t, index)).href);
    assert.equal(await find('my', never), null);
  });

  it('is told who asks, where its URL says so, and nobody else is', async (t) => {
    const url = await serve(t, (request, response) => {
      if (request.headers.authorization === `Basic ${Buffer.from('me:pass word').toString('base64')}`) index(request, response);
      else response.writeHead(401).end();
    });
    await assert.rejects(createPackageIndex(url.href).find('old', never), { code: 'index-unavailable', message: /answered 401/ });
    Object.assign(url, { username: 'me', password: 'pass word' });
    assert.equal((await createPackageIndex(url.href).find('old', never))?.name, 'old');
  });

  it('is the only one that is told who asks: files and pages elsewhere are had without', async (t) => {
    const told: (string | undefined)[] = [];
    const elsewhere = await serve(t, (request, response) => {
      told.push(request.headers.authorization);
      response.end('Metadata-Version: 2.4\nName: my-tool\nSummary: Elsewhere\n');
    });
    const files = [{ filename: 'my_tool-1.0-py3-none-any.whl', url: new URL('/my_tool-1.0.whl', elsewhere).href, 'core-metadata': true }];
    const url = await serve(t, (request, response) => {
      if (request.url === '/simple/moved/') response.writeHead(302, { location: elsewhere.href }).end();
      else response.setHeader('content-type', 'application/vnd.pypi.simple.v1+json').end(JSON.stringify({ files }));
    });
    Object.assign(url, { username: 'me', password: 'pass word' });
    const { find } = createPackageIndex(url.href);
    assert.deepEqual(await find('my-tool', never), { name: 'my-tool', versions: ['1.0'], summary: 'Elsewhere' });
    await find('moved', never);
    assert.deepEqual(told, [undefined, undefined]);
  });

  it('that cannot be reached is named, with the reason', async () => {
    const { find } = createPackageIndex('http://127.0.0.1:9/simple');
    await assert.rejects(find('old', never), { code: 'index-unavailable', message: /127\.0\.0\.1:9 could not be asked: / });
  });

  it('is the one that uv or pip are told of', () => {
    const told = { PIP_INDEX_URL: 'https://pip.example/simple/', HTTPS_PROXY: 'http://proxy.example:3128', HOME: '/home/me' };
    assert.deepEqual(readIndexSettings(told), {
      url: 'https://pip.example/simple',
      environment: { UV_DEFAULT_INDEX: 'https://pip.example/simple/', HTTPS_PROXY: 'http://proxy.example:3128' },
    });
    assert.equal(readIndexSettings({ ...told, UV_DEFAULT_INDEX: 'https://uv.example/simple' }).url, 'https://uv.example/simple');
    assert.deepEqual(readIndexSettings({}).environment, {});
  });
});
