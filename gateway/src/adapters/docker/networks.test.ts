import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { Problem } from '@bine/shared/problems';
import { createDocker } from './docker.ts';
import { createProjectNetworks } from './networks.ts';

const never = new AbortController().signal;
const firewall = {
  bridgeOf: (name: string) => name,
  ensure: async () => firewall.state(),
  state: () => ({ enforced: true, reason: null }),
};
const full = 'could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network';

/** A real engine holds too many networks to fill it; this one has room for one. */
async function startWithRoomForOne(t: TestContext) {
  const made: string[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const say = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const name = request.url?.split('/').at(-1) ?? '';
    if (request.method === 'GET') say(200, []);
    else if (request.method === 'DELETE') say(made.splice(made.indexOf(name), 1).length > 0 ? 200 : 404, {});
    else if (made.length > 0) say(404, { message: full });
    else say(201, { Id: made.push((JSON.parse(Buffer.concat(chunks).toString()) as { Name: string }).Name) });
  };
  const folder = await mkdtemp(join(tmpdir(), 'bine-networks-'));
  const socket = join(folder, 'engine.sock');
  const server = createServer((request, response) => void answer(request, response)).listen(socket);
  await once(server, 'listening');
  const docker = createDocker({ host: `unix://${socket}` });
  const networks = createProjectNetworks({ docker, firewall, gateway: 'g', onError: (error) => assert.fail(error as Error) });
  t.after(async () => {
    await networks[Symbol.asyncDispose]();
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });
  return { networks, made };
}

describe('an engine without room for another network', () => {
  it('gets room by removing one that only lingers, for jobs as for a project', async (t) => {
    const { networks, made } = await startWithRoomForOne(t);
    await networks.hold('a', never);
    networks.release('a');
    assert.equal(made.length, 1);
    const shared = await networks.shared('jobs');
    assert.deepEqual(made, [shared]);
  });

  it('keeps one that is held, and says what to do', async (t) => {
    const { networks, made } = await startWithRoomForOne(t);
    await networks.hold('a', never);
    const [held] = made;
    const noRoom = (error: unknown) =>
      error instanceof Problem && error.code === 'no-capacity' && /docker network prune/.test(error.message);
    await assert.rejects(networks.shared('jobs'), noRoom);
    await assert.rejects(networks.hold('b', never), noRoom);
    assert.deepEqual(made, [held]);
    networks.release('a');
  });
});
