import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import type { Duplex } from 'node:stream';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { Problem } from '@bine/shared/problems';
import type { ProblemCode } from '@bine/shared/problems';
import { createEngine } from './engine.ts';
import type { Operation } from './operation.ts';

const ask: Operation<unknown> = {
  what: 'do it',
  method: 'POST',
  path: '/it',
  query: { a: ['1', '2'] },
  body: { b: 3 },
  parse: (answer) => answer,
};

/** A real engine cannot be made to fail on demand; its socket is a real one. */
async function engineThat(t: TestContext, answer: RequestListener, converse: (socket: Duplex) => void = (socket) => void socket.end()) {
  const folder = await mkdtemp(join(tmpdir(), 'bine-engine-'));
  const socket = join(folder, 'engine.sock');
  const server = createServer(answer)
    .on('upgrade', (_, connection) => converse(connection))
    .listen(socket);
  await once(server, 'listening');
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });
  return createEngine(`unix://${socket}`);
}

function problem(code: ProblemCode, detail: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof Problem);
    assert.equal(error.code, code);
    assert.match(error.message, detail);
    return true;
  };
}

describe('a call to the engine', () => {
  it('sends the operation as it is written and reads the answer', async (t) => {
    const seen: string[] = [];
    const engine = await engineThat(t, (request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        seen.push(`${request.method} ${request.url} ${body}`);
        response.setHeader('content-type', 'application/json').end('{"Id":"x"}');
      });
    });
    assert.deepEqual(await engine.call(ask), { Id: 'x' });
    assert.deepEqual(seen, ['POST /it?a=1&a=2 {"b":3}']);
  });

  for (const [status, message, code, detail] of [
    [404, 'No such image: x', 'not-found', /could not do it: No such image: x/],
    [409, 'name in use', 'conflict', /name in use/],
    [500, 'write /x: no space left on device', 'no-space', /disk is full/],
    [
      404,
      'could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network',
      'no-capacity',
      /no addresses left for another network\. Remove networks .*default-address-pools/,
    ],
    [500, 'all predefined address pools have been fully subnetted', 'no-capacity', /no addresses left/],
    [500, 'driver failed', 'internal', /could not do it: driver failed/],
  ] as const) {
    it(`that is answered ${status} "${message}" is the problem ${code}`, async (t) => {
      const engine = await engineThat(t, (_, response) => void response.writeHead(status).end(JSON.stringify({ message })));
      await assert.rejects(engine.call(ask), problem(code, detail));
    });
  }

  it('takes an answer that is no failure for what it means', async (t) => {
    const engine = await engineThat(t, (_, response) => void response.writeHead(404).end('{}'));
    assert.equal(await engine.call({ ...ask, otherwise: { 404: () => null } }), null);
  });

  it('says which socket is dead and what to do', async () => {
    await assert.rejects(
      createEngine('unix:///nowhere/engine.sock').call(ask),
      problem('engine-unavailable', /\/nowhere\/engine\.sock .*bine doctor/),
    );
  });

  it('ends at its deadline', async (t) => {
    const engine = await engineThat(t, () => undefined);
    await assert.rejects(engine.call({ ...ask, deadline: 50 }), problem('timeout', /did not do it in time/));
  });

  it('ends with its signal, for the reason that the signal gives', async (t) => {
    const stop = new AbortController();
    const engine = await engineThat(t, () => stop.abort(new Problem('cancelled', 'Enough.')));
    await assert.rejects(engine.call(ask, stop.signal), problem('cancelled', /Enough/));
  });

  it('can become a conversation, which its signal begins and does not end', async (t) => {
    const engine = await engineThat(
      t,
      () => undefined,
      (connection) => {
        connection.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
        connection.pipe(connection);
      },
    );
    const beginning = new AbortController();
    const connection = await engine.converse(ask, beginning.signal);
    t.after(() => connection.destroy());
    beginning.abort();
    connection.write('heard');
    const [echo] = (await once(connection, 'data')) as [Buffer];
    assert.equal(echo.toString(), 'heard');
  });

  it('that does not become a conversation is a problem', async (t) => {
    const engine = await engineThat(
      t,
      () => undefined,
      (connection) => {
        connection.end('HTTP/1.1 404 Not Found\r\nContent-Length: 26\r\n\r\n{"message":"No such exec"}');
      },
    );
    await assert.rejects(engine.converse(ask, AbortSignal.timeout(5000)), problem('not-found', /No such exec/));
  });

  it('cannot be made to another machine', () => {
    assert.throws(() => createEngine('tcp://10.0.0.1:2375'), problem('invalid', /on this machine/));
  });
});
