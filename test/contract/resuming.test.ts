/** Streams over plain HTTP: each value has an id, and whoever comes back with it is told what follows and nothing twice. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { apiPrefix, fileContent } from '@bine/shared';
import { startGateway } from './gateway.ts';
import type { Client, TestGateway } from './gateway.ts';

type Sent = { id: string; data: Record<string, unknown> };

describe('a stream of', () => {
  let gateway: TestGateway;
  let admin: Client;
  let count = 0;

  before(async () => {
    gateway = await startGateway();
    admin = await gateway.connect(gateway.key);
    await admin.projects.create({ name: 'watched' });
  });
  after(() => gateway[Symbol.asyncDispose]());

  const createProject = async () => {
    count += 1;
    await admin.projects.create({ name: `new-${count}` });
  };
  const writeFile = async () => {
    count += 1;
    const path = `${apiPrefix}${fileContent.path.replace('{project}', 'watched')}?path=new-${count}`;
    await gateway.fetch(path, { key: gateway.key, method: 'PUT', body: 'x' });
  };

  /** The first values, each of them awaited before `act` is done once more. */
  async function read(path: string, act: () => Promise<void>, options: { values: number; lastEventId?: string }): Promise<Sent[]> {
    const headers = options.lastEventId === undefined ? {} : { 'last-event-id': options.lastEventId };
    const { body } = await gateway.fetch(`${apiPrefix}${path}`, { key: gateway.key, headers });
    const found: Sent[] = [];
    let [text, acted] = ['', 0];
    for await (const chunk of body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const events = text.split('\n\n');
      text = events.pop()!;
      for (const event of events) {
        const { id, data } = Object.fromEntries(event.split('\n').map((line) => /^(\w*): ?(.*)$/.exec(line)?.slice(1) ?? [])) as Record<
          string,
          string
        >;
        if (data !== undefined) found.push({ id: id ?? '', data: JSON.parse(data) as Sent['data'] });
      }
      if (found.length >= options.values) break;
      if (acted <= found.length) {
        acted += 1;
        await act();
      }
    }
    return found;
  }

  const streams: [string, string, () => Promise<void>][] = [
    ['events', '/events', createProject],
    ['audit entries', '/audit/follow', createProject],
    ["a project's changes", '/projects/watched/files/changes', writeFile],
  ];
  for (const [what, path, act] of streams) {
    it(`${what} goes on after the id that its reader saw last`, async () => {
      const first = await read(path, act, { values: 2 });
      assert.ok(
        first.every(({ id }) => id !== ''),
        JSON.stringify(first),
      );
      assert.equal(new Set(first.map(({ id }) => id)).size, first.length);
      const again = await read(path, act, { values: 1, lastEventId: first[0]!.id });
      assert.deepEqual(again[0], first[1]);
    });
  }
});
