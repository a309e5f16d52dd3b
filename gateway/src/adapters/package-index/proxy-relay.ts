/** A proxy as builds see it: it wants no password, since the gateway tells the real one who asks. */
import { createServer, request as httpRequest } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import { readCredentials } from './credentials.ts';

const deadline = 60_000;

export function createProxyRelay(proxy: string): Server {
  const { url, authorization } = readCredentials(proxy);
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const who = { 'proxy-authorization': authorization ?? '' };

  function plain(request: IncomingMessage, response: ServerResponse): void {
    const { 'proxy-authorization': _own, ...headers } = request.headers;
    const asking = send(
      url,
      { method: request.method, path: request.url, headers: { ...headers, ...who }, timeout: deadline },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    asking.on('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
    request.pipe(asking);
  }

  function tunnel(request: IncomingMessage, client: Duplex, head: Buffer): void {
    client.on('error', () => undefined);
    const refuse = (status: number) => void client.end(`HTTP/1.1 ${status} Refused\r\n\r\n`);
    const asking = send(url, { method: 'CONNECT', path: request.url, headers: { host: request.url, ...who }, timeout: deadline });
    asking.on('error', () => refuse(502));
    asking.on('response', ({ statusCode = 502 }) => refuse(statusCode));
    asking.on('connect', (answer, upstream: Duplex) => {
      if (answer.statusCode !== 200) {
        refuse(answer.statusCode ?? 502);
        return;
      }
      upstream.on('error', () => client.destroy());
      client.on('close', () => upstream.destroy());
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    asking.end();
  }

  return createServer(plain).on('connect', tunnel);
}
