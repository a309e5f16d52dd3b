/**
 * An index as builds see it, who know no password: pages of packages, and the files that those pages name on the index's own server. Nothing
 * else of that server can be had through it, and no other server is asked.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Agent as HttpAgent, createServer, request as httpRequest } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { headersFor, readCredentials } from './credentials.ts';
import { readdressPage } from './pages.ts';

const mostRedirects = 5;
const largestPage = 64 * 2 ** 20;
const deadline = 60_000;
const passedOn = ['content-type', 'content-length', 'content-range', 'accept-ranges', 'etag', 'last-modified'];
const pageTypes = 'application/vnd.pypi.simple.v1+json, text/html;q=0.1';

type Options = { url: string; proxies: Record<string, string> };

export function createIndexRelay({ url, proxies }: Options): Server {
  const credentials = readCredentials(url);
  const base = credentials.url.href.replace(/\/+$/, '');
  const key = randomBytes(32);
  const agents = { 'http:': new HttpAgent({ proxyEnv: proxies }), 'https:': new HttpsAgent({ proxyEnv: proxies }) };
  const macOf = (address: string) => createHmac('sha256', key).update(address).digest('base64url');

  /** Redirects on the same server are followed here; to another one, by who asked, and without who we are. */
  async function ask(address: string, headers: Record<string, string>, redirects = 0): Promise<IncomingMessage & { asked: string }> {
    const target = new URL(address);
    const send = target.protocol === 'https:' ? httpsRequest : httpRequest;
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const sent = { ...headers, ...headersFor(address, credentials), 'accept-encoding': 'identity' };
    const asking = send(target, { agent: agents[target.protocol as 'http:' | 'https:'], headers: sent, timeout: deadline }, resolve);
    asking.on('error', reject).on('timeout', () => asking.destroy(new Error(`no answer within ${deadline / 1000} s`)));
    asking.end();
    const answer = await promise;
    const location = answer.headers.location && URL.parse(answer.headers.location, address);
    const isOwn = location && location.origin === credentials.url.origin;
    if (isRedirect(answer) && isOwn && redirects < mostRedirects) {
      answer.resume();
      return ask(location.href, headers, redirects + 1);
    }
    return Object.assign(answer, { asked: address });
  }

  /** What a file's URL is for builds. Files on other servers are had from there. */
  function readdress(address: string): string {
    const file = URL.parse(address);
    if (!file || file.origin !== credentials.url.origin) return address;
    const { hash, pathname } = file;
    file.hash = '';
    const name = pathname.slice(pathname.lastIndexOf('/') + 1);
    return `/file/${macOf(file.href)}/${Buffer.from(file.href).toString('base64url')}/${name}${hash}`;
  }

  async function page(name: string, response: ServerResponse): Promise<void> {
    const answer = await ask(`${base}/${name}/`, { accept: pageTypes });
    if (isRedirect(answer) || answer.statusCode !== 200) return pass(answer, response);
    const parts: Buffer[] = [];
    let size = 0;
    for await (const part of answer as AsyncIterable<Buffer>) {
      parts.push(part);
      if ((size += part.length) > largestPage) throw new Error('its answer is too large');
    }
    const type = answer.headers['content-type'] ?? '';
    const text = readdressPage({ text: Buffer.concat(parts).toString(), type, url: answer.asked }, readdress);
    // Kept by nobody: the addresses of files are good for this relay only.
    response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' }).end(text);
  }

  async function file([mac, encoded, name]: [string, string, string], request: IncomingMessage, response: ServerResponse): Promise<void> {
    const address = Buffer.from(encoded, 'base64url').toString();
    if (!isSame(mac, macOf(address))) return void response.writeHead(404).end();
    const wanted = new URL(address);
    if (name.endsWith('.metadata') && !wanted.pathname.endsWith('.metadata')) wanted.pathname += '.metadata';
    const range = request.headers.range;
    await pass(await ask(wanted.href, range ? { range } : {}), response);
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    const name = /^\/index\/([\w.-]+)\/$/.exec(path)?.[1];
    const named = /^\/file\/([\w-]+)\/([\w-]+)\/([^/]+)$/.exec(path);
    if (request.method !== 'GET' && request.method !== 'HEAD') response.writeHead(405).end();
    else if (name !== undefined && !/^\.+$/.test(name)) await page(name, response);
    else if (named) await file([named[1]!, named[2]!, named[3]!], request, response);
    else response.writeHead(404).end();
  }

  return createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else response.writeHead(502, { 'content-type': 'text/plain' }).end(`The package index at ${credentials.url.host}: ${String(error)}`);
    });
  });
}

const isRedirect = ({ statusCode = 0 }: IncomingMessage) => statusCode >= 300 && statusCode < 400 && statusCode !== 304;

function isSame(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}

async function pass(answer: IncomingMessage, response: ServerResponse): Promise<void> {
  const names = isRedirect(answer) ? [...passedOn, 'location'] : passedOn;
  const headers = Object.fromEntries(names.flatMap((name) => (answer.headers[name] === undefined ? [] : [[name, answer.headers[name]]])));
  response.writeHead(answer.statusCode ?? 502, headers);
  await pipeline(answer, response);
}
