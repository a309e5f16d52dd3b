/** What a page of another site can make a browser send is refused before a key is looked at. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { apiPrefix, socketPath, socketProtocol } from '@bine/shared';
import { Refused, openSocket, opened, startGateway } from './gateway.ts';
import type { TestGateway } from './gateway.ts';

describe('the names under which the gateway answers', () => {
  let gateway: TestGateway;
  let port: string;

  before(async () => {
    gateway = await startGateway({ trustedHosts: ['bine.example', 'fixed.example:8443'] });
    port = new URL(gateway.url).port;
  });
  after(() => gateway[Symbol.asyncDispose]());

  const get = (headers: Record<string, string>, path = `${apiPrefix}/health`) =>
    new Promise<{ status: number; code: string | null }>((resolve, reject) => {
      request(`${gateway.url}${path}`, { headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const isProblem = response.headers['content-type'] === 'application/problem+json';
          const code = isProblem ? (JSON.parse(Buffer.concat(chunks).toString()) as { code: string }).code : null;
          resolve({ status: response.statusCode ?? 0, code });
        });
      })
        .on('error', reject)
        .end();
    });

  const upgrade = async (headers: Record<string, string>): Promise<number> => {
    const socket = openSocket(gateway.url, socketPath, { protocol: socketProtocol, key: gateway.key, headers });
    try {
      await opened(socket);
      return 101;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      assert.equal(error.data.code, 'foreign-host');
      return error.status;
    } finally {
      socket.terminate();
    }
  };

  const table: [header: 'host' | 'origin', value: (port: string) => string, allowed: boolean][] = [
    ['host', (port) => `127.0.0.1:${port}`, true],
    ['host', (port) => `localhost:${port}`, true],
    ['host', (port) => `LOCALHOST:${port}`, true],
    ['host', (port) => `[::1]:${port}`, true],
    ['host', () => 'bine.example', true],
    ['host', () => 'bine.example:443', true],
    ['host', () => 'fixed.example:8443', true],
    ['host', () => 'fixed.example:9443', false],
    ['host', () => 'localhost', false],
    ['host', () => 'localhost:1', false],
    ['host', (port) => `evil.example:${port}`, false],
    ['host', (port) => `127.0.0.1.evil.example:${port}`, false],
    ['host', (port) => `localhost:${port}@evil.example`, false],
    ['origin', (port) => `http://localhost:${port}`, true],
    ['origin', (port) => `http://127.0.0.1:${port}`, true],
    ['origin', () => 'https://bine.example', true],
    ['origin', () => 'http://localhost:3000', false],
    ['origin', () => 'https://evil.example', false],
    ['origin', () => 'null', false],
    ['origin', (port) => `file://localhost:${port}`, false],
  ];

  for (const [header, value, allowed] of table) {
    it(`${allowed ? 'are' : 'are not'} ${header} ${JSON.stringify(value('PORT'))}, for requests and sockets`, async () => {
      const headers = { [header]: value(port) };
      assert.deepEqual(await get(headers), allowed ? { status: 200, code: null } : { status: 403, code: 'foreign-host' });
      assert.equal(await upgrade(headers), allowed ? 101 : 403);
    });
  }

  for (const path of ['/docs', `${apiPrefix}/openapi.json`, '/metrics', `${apiPrefix}/projects`, '/']) {
    it(`are asked for at ${path} too`, async () => {
      assert.deepEqual(await get({ host: 'evil.example' }, path), { status: 403, code: 'foreign-host' });
    });
  }
});
