/** Clients that read a very long history, all at once, while others work. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'node:test';
import { apiPrefix } from '@bine/shared';
import { startGateway, type TestGateway } from '../vscode/gateway.ts';
import { startProbe } from './health-probe.ts';

const count = 100_000;
const clients = 4;
/** How long another call waits, aimed at 100 ms, depends on what else the machine does, so it is only printed; that others get their turn does not. */
const eventsPerTurn = 10_000;

describe('a history of 100,000 events', () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await startGateway();
    await gateway.api.projects.create({ name: 'p' });
    await gateway.kill();
    fill(join(gateway.home, 'bine.db'));
    await gateway.start();
  });
  after(() => gateway[Symbol.asyncDispose]());

  const read = async (key: string, until: number): Promise<number> => {
    const leave = new AbortController();
    const response = await fetch(`${gateway.url}${apiPrefix}/events?after=0`, {
      headers: { authorization: `Bearer ${key}`, accept: 'text/event-stream' },
      signal: leave.signal,
    });
    let seen = 0;
    let rest = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + chunk).split('\n\n');
      rest = parts.pop()!;
      seen += parts.filter((part) => part.includes('\ndata: ') || part.startsWith('data: ')).length;
      if (seen >= until) break;
    }
    leave.abort();
    return seen;
  };

  it(`is read by ${clients} clients at once and holds nobody else up`, async (t) => {
    const last = lastId(join(gateway.home, 'bine.db'));
    const stop = await startProbe(gateway.url);
    const began = performance.now();
    const seen = await Promise.all(Array.from({ length: clients }, () => read(gateway.key, last)));
    const { asked, slowest, ownDelay } = await stop();
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    t.diagnostic(
      `${clients} × ${last} events in ${seconds} s; slowest of ${asked} other calls ${slowest} ms (probe itself ${ownDelay} ms)`,
    );
    for (const number of seen) assert.ok(number >= last, `a client saw ${number} of ${last} events`);
    const turns = (clients * last) / eventsPerTurn;
    assert.ok(asked >= turns, `only ${asked} other calls were answered meanwhile, not ${turns}`);
  });

  it('costs a stranger to the project nothing but looking', async (t) => {
    await gateway.api.access.createUser({ name: 'stranger' });
    const { secret } = await gateway.api.access.createKey({ name: 'test', user: 'stranger' });
    const stop = await startProbe(gateway.url);
    const reading = Promise.all(Array.from({ length: clients }, () => read(secret, 1)));
    await gateway.as(secret).projects.create({ name: 'own' });
    const seen = await reading;
    const { asked, slowest } = await stop();
    t.diagnostic(`slowest of ${asked} other calls ${slowest} ms`);
    for (const number of seen) assert.ok(number >= 1 && number < eventsPerTurn, `a stranger saw ${number} events`);
  });
});

/** Copies of the last event, which is one that the gateway wrote itself. */
function fill(file: string): void {
  const db = new DatabaseSync(file);
  const columns = (db.prepare("select name from pragma_table_info('events')").all() as { name: string }[]).map(({ name }) => name);
  const copied = columns.map((name) => (name === 'id' ? 'id + n.i' : name)).join(', ');
  db.exec(`with recursive n(i) as (select 1 union all select i + 1 from n where i < ${count - 10})
    insert into events (${columns.join(', ')}) select ${copied} from events, n where id = (select max(id) from events)`);
  db.close();
}

function lastId(file: string): number {
  const db = new DatabaseSync(file, { readOnly: true });
  const { id } = db.prepare('select max(id) as id from events').get() as { id: number };
  db.close();
  return id;
}
