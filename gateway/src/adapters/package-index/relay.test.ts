import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { openRelay } from './relay.ts';
import { readRelaySettings } from './relay-settings.ts';

const basic = `Basic ${Buffer.from('me:pass word').toString('base64')}`;

async function serve(t: TestContext, server: Server): Promise<URL> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

/** A server that remembers who asked for what. */
async function recording(t: TestContext, answer: RequestListener) {
  const asked: { url: string; authorization: string | undefined }[] = [];
  const at = await serve(
    t,
    createServer((incoming, response) => {
      asked.push({ url: incoming.url!, authorization: incoming.headers.authorization });
      answer(incoming, response);
    }),
  );
  return { at, asked };
}

function withPassword(at: URL, path = ''): string {
  const url = new URL(path, at);
  Object.assign(url, { username: 'me', password: 'pass word' });
  return url.href;
}

async function relayed(t: TestContext, environment: Record<string, string>) {
  const folder = await mkdtemp(join(tmpdir(), 'relay-'));
  const relay = await openRelay({ environment }, join(folder, 'sockets'));
  t.after(async () => {
    await relay[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });
  const socketOf = (port: number) => join(folder, 'sockets', `${port}.sock`);
  async function get(path: string, { port = 3141, headers = {}, method = 'GET' } = {}) {
    const asking = request({ socketPath: socketOf(port), path, headers, method });
    asking.end();
    const [answer] = (await once(asking, 'response')) as [IncomingMessage];
    let text = '';
    for await (const part of answer) text += String(part);
    return { status: answer.statusCode, text, headers: answer.headers };
  }
  return { relay, get, socketOf };
}

/** An index whose pages name a file of its own, one of another server, and one of its own that redirects to the other. */
async function index(t: TestContext, type: 'json' | 'html') {
  const other = await recording(t, (_request, response) => response.end('other'));
  const names = ['../../files/mine-1.0.whl#sha256=00', `${other.at.origin}/theirs-1.0.whl`, '/files/moved-1.0.whl'];
  const page =
    type === 'json'
      ? JSON.stringify({ files: names.map((url) => ({ filename: url.split('/').at(-1), url })), name: 'mine' })
      : names.map((url) => `<a href="${url}">${url.split('/').at(-1)!.split('#')[0]}</a>`).join('\n');
  const own = await recording(t, ({ url, headers }, response) => {
    if (headers.authorization !== basic) response.writeHead(401).end();
    else if (url === '/simple/mine/')
      response.setHeader('content-type', type === 'json' ? 'application/vnd.pypi.simple.v1+json' : 'text/html').end(page);
    else if (url === '/simple/away/') response.writeHead(302, { location: `${other.at.origin}/simple/away/` }).end();
    else if (url === '/simple/here/') response.writeHead(301, { location: '/simple/mine/' }).end();
    else if (url === '/files/mine-1.0.whl') response.setHeader('content-length', 5).end('wheel');
    else if (url === '/files/mine-1.0.whl.metadata') response.end('about it');
    else if (url === '/files/moved-1.0.whl') response.writeHead(307, { location: `${other.at.origin}/moved-1.0.whl` }).end();
    else response.writeHead(404).end();
  });
  return { own, other };
}

describe('the way of builds to an index that wants a password', () => {
  for (const type of ['json', 'html'] as const) {
    it(`gives them its pages and files without it, and tells it to no other server (${type})`, async (t) => {
      const { own, other } = await index(t, type);
      const { relay, get } = await relayed(t, { UV_DEFAULT_INDEX: withPassword(own.at, '/simple') });
      assert.deepEqual(relay.environment.UV_DEFAULT_INDEX, 'http://127.0.0.1:3141/index/');
      assert.doesNotMatch(JSON.stringify(relay.environment), /pass/);
      const page = await get('/index/mine/');
      const files =
        type === 'json'
          ? (JSON.parse(page.text) as { files: { url: string }[] }).files.map(({ url }) => url)
          : [...page.text.matchAll(/href="([^"]*)"/g)].map(([, url]) => url!);
      const [mine, theirs, moved] = files as [string, string, string];
      assert.match(mine, /^\/file\/.*\/mine-1\.0\.whl#sha256=00$/);
      assert.equal(theirs, `${other.at.origin}/theirs-1.0.whl`);
      const path = mine.split('#')[0]!;
      assert.equal((await get(path)).text, 'wheel');
      assert.equal((await get(`${path}.metadata`)).text, 'about it');
      // It is for who asked to go there.
      const gone = await get(moved);
      assert.deepEqual([gone.status, gone.headers.location], [307, `${other.at.origin}/moved-1.0.whl`]);
      assert.equal((await get('/index/away/')).status, 302);
      assert.equal((await get('/index/here/')).status, 200);
      assert.deepEqual(other.asked, []);
    });
  }

  it('leads to nothing else on its server, nor anywhere else', async (t) => {
    const { own, other } = await index(t, 'json');
    const { get } = await relayed(t, { UV_INDEX: `acme=${withPassword(own.at, '/simple')}` });
    const { files } = JSON.parse((await get('/index/mine/')).text) as { files: { url: string }[] };
    const mac = files[0]!.url.split('/')[2];
    const before = own.asked.length;
    const secret = Buffer.from(`${own.at.origin}/admin/users`).toString('base64url');
    for (const path of [
      '/admin/users',
      '/index/../admin/',
      '/index/..%2Fadmin/',
      '/index/%2e%2e/',
      '/index/../',
      `/file/${mac}/${secret}/x.whl`,
      `/file/${mac}/${Buffer.from(other.at.href).toString('base64url')}/x.whl`,
      other.at.href,
    ]) {
      assert.equal((await get(path)).status, 404, path);
    }
    assert.equal((await get('/index/mine/', { method: 'POST' })).status, 405);
    assert.equal(own.asked.length, before);
    assert.deepEqual(other.asked, []);
  });

  it('says so when the index does not answer', async (t) => {
    const { get } = await relayed(t, { UV_DEFAULT_INDEX: 'http://me:secret@127.0.0.1:9/simple' });
    const { status, text } = await get('/index/mine/');
    assert.equal(status, 502);
    assert.match(text, /^The package index at 127\.0\.0\.1:9: /);
    assert.doesNotMatch(text, /secret/);
  });
});

describe('the way of builds to a proxy that wants a password', () => {
  it('leads through it, by requests and by tunnels, without its password', async (t) => {
    const seen: (string | undefined)[] = [];
    const goal = await recording(t, (_request, response) => response.end('reached'));
    const proxy = createServer((incoming, response) => {
      seen.push(incoming.headers['proxy-authorization']);
      response.end(`for ${incoming.url}`);
    }).on('connect', (incoming, client) => {
      seen.push(incoming.headers['proxy-authorization']);
      const upstream = connect(Number(goal.at.port), '127.0.0.1', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.pipe(client).pipe(upstream);
      });
    });
    const at = await serve(t, proxy);
    const { relay, get, socketOf } = await relayed(t, { HTTPS_PROXY: withPassword(at), NO_PROXY: 'here.example' });
    assert.deepEqual(relay.environment.HTTPS_PROXY, 'http://127.0.0.1:3141');
    assert.equal(relay.environment.NO_PROXY, 'here.example,127.0.0.1');
    assert.equal((await get('http://far.example/x')).text, 'for http://far.example/x');
    const tunnel = request({ socketPath: socketOf(3141), method: 'CONNECT', path: 'far.example:443' });
    tunnel.end();
    const [, socket] = (await once(tunnel, 'connect')) as [IncomingMessage, import('node:net').Socket];
    socket.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    let text = '';
    for await (const part of socket) text += String(part);
    assert.match(text, /reached/);
    assert.deepEqual(seen, [basic, basic]);
  });
});

describe('what builds are told of indexes', () => {
  it('is what the gateway was told, where there is no password in it', () => {
    const environment = { UV_INDEX: 'a=https://a.example/simple https://b.example/simple', HTTP_PROXY: 'http://proxy.example:3128' };
    assert.deepEqual(readRelaySettings({ environment }), { environment, relayed: [] });
  });

  it('names one address for each that wants one', () => {
    const { environment, relayed } = readRelaySettings({
      environment: {
        UV_DEFAULT_INDEX: 'https://me:secret@a.example/simple',
        UV_INDEX: 'b=https://:secret@b.example/simple https://c.example/simple',
        UV_EXTRA_INDEX_URL: 'https://me:secret@a.example/simple',
        http_proxy: 'http://me:secret@proxy.example:3128',
      },
    });
    assert.deepEqual(
      relayed.map(({ port, kind }) => [port, kind]),
      [
        [3141, 'index'],
        [3142, 'index'],
        [3143, 'proxy'],
      ],
    );
    assert.equal(environment.UV_EXTRA_INDEX_URL, environment.UV_DEFAULT_INDEX);
    assert.equal(environment.UV_INDEX, 'b=http://127.0.0.1:3142/index/ https://c.example/simple');
    assert.doesNotMatch(JSON.stringify(environment), /secret/);
  });

  it('cannot be a proxy that no gateway can stand before', () => {
    assert.throws(
      () => readRelaySettings({ environment: { ALL_PROXY: 'socks5://me:secret@p.example' } }),
      /ALL_PROXY is a socks5 proxy with a password/,
    );
  });
});
