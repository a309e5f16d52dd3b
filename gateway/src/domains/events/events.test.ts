import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Event } from '@bine/shared';
import { createEventRows } from '../../adapters/store/events.ts';
import type { EventRows, StoredEvent } from '../../ports/state/events.ts';
import { openStore } from '../../adapters/store/store.ts';
import { createEvents } from './events.ts';
import type { Events, NewEvent } from './events.ts';

const all = async (events: StoredEvent[]) => events;
const named = (user: string): NewEvent => ({ type: 'member.removed', project: 'p', data: { user } });
const userOf = (event: Event) => (event.type === 'member.removed' ? event.data.user : event.type);

type Take = { after?: number; only?: typeof all; onEvent?: (event: Event) => void };

async function take(events: Events, count: number, { after, only = all, onEvent }: Take = {}): Promise<Event[]> {
  const taken: Event[] = [];
  const controller = new AbortController();
  for await (const event of events.subscribe({ after, only, signal: controller.signal })) {
    taken.push(event);
    onEvent?.(event);
    if (taken.length === count) controller.abort();
  }
  return taken;
}

async function start(
  t: { after(end: () => Promise<void>): void },
  options: { keep?: { days: number; count: number }; rows?: EventRows } = {},
) {
  const store = await openStore(':memory:');
  const rows = options.rows ?? createEventRows(store.db);
  const errors: unknown[] = [];
  const open = () => createEvents({ rows, onError: (error) => errors.push(error), ...(options.keep && { keep: options.keep }) });
  t.after(() => store[Symbol.asyncDispose]());
  return { store, rows, open, errors };
}

describe('events', () => {
  it('reach a subscriber in order, numbered from 1', async (t) => {
    const events = await (await start(t)).open();
    const taken = take(events, 3);
    for (const user of ['a', 'b', 'c']) events.publish(named(user));
    assert.deepEqual(
      (await taken).map((event) => [event.id, userOf(event)]),
      [
        [1, 'a'],
        [2, 'b'],
        [3, 'c'],
      ],
    );
    await events[Symbol.asyncDispose]();
  });

  it('are all there for a client that comes back, also after a restart of the gateway', async (t) => {
    const { open } = await start(t);
    const first = await open();
    for (let i = 1; i <= 1500; i++) first.publish(named(`u${i}`));
    assert.equal((await take(first, 1500, { after: 0 })).length, 1500);
    await first[Symbol.asyncDispose]();

    const second = await open();
    second.publish(named('last'));
    const taken = await take(second, 1301, { after: 200 });
    assert.deepEqual(
      taken.map((event) => event.id),
      Array.from({ length: 1301 }, (_, i) => 201 + i),
    );
    assert.equal(userOf(taken.at(-1)!), 'last');
    await second[Symbol.asyncDispose]();
  });

  it('are told only to those who may see them at that moment', async (t) => {
    const events = await (await start(t)).open();
    const allowed = new Set(['a', 'c']);
    const only = async (batch: StoredEvent[]) => batch.filter(({ event }) => allowed.has(userOf(event)));
    for (const user of ['a', 'b', 'c']) events.publish(named(user));
    assert.deepEqual((await take(events, 2, { after: 0, only })).map(userOf), ['a', 'c']);
    await events[Symbol.asyncDispose]();
  });

  for (const [name, after, resumesAt] of [
    ['older than what is kept', 3, 6],
    ['of another gateway', 999, 10],
  ] as const) {
    it(`begin with a reset for a client whose last id is ${name}`, async (t) => {
      const { open } = await start(t, { keep: { days: 30, count: 4 } });
      const first = await open();
      for (let i = 1; i <= 10; i++) first.publish(named(`u${i}`));
      await first[Symbol.asyncDispose]();
      const second = await open();
      const onEvent = (event: Event) => event.type === 'reset' && second.publish(named('next'));
      const taken = await take(second, 12 - resumesAt, { after, onEvent });
      assert.deepEqual([taken[0]!.type, taken[0]!.id], ['reset', resumesAt]);
      assert.equal(userOf(taken.at(-1)!), 'next');
      assert.equal(taken.at(-1)!.id, 11);
      await second[Symbol.asyncDispose]();
    });
  }

  it('wait, in order, while they cannot be written', async (t) => {
    const { rows, store } = await start(t);
    let refusals = 1;
    const full: EventRows = {
      ...rows,
      append: async (batch) => {
        if (refusals-- > 0) throw new Error('disk is full');
        return rows.append(batch);
      },
    };
    const errors: unknown[] = [];
    const events = await createEvents({ rows: full, onError: (error) => errors.push(error) });
    const taken = take(events, 2);
    events.publish(named('a'));
    events.publish(named('b'));
    assert.deepEqual((await taken).map(userOf), ['a', 'b']);
    assert.equal(errors.length, 1);
    assert.equal((await store.db.selectFrom('events').selectAll().execute()).length, 2);
    await events[Symbol.asyncDispose]();
  });

  it('of a project are not mistaken for those of a later project of the same name', async (t) => {
    const { store, open } = await start(t);
    const project = { description: '', idle_minutes: 0, created: '' };
    await store.db
      .insertInto('projects')
      .values({ ...project, id: 'old', name: 'p', deleted: '2020-01-01T00:00:00.000Z' })
      .execute();
    await store.db
      .insertInto('projects')
      .values({ ...project, id: 'new', name: 'p', deleted: null })
      .execute();
    const events = await open();
    const seen: (string | null)[] = [];
    events.publish(named('a'));
    events.publish(named('b'), 'old');
    await take(events, 2, {
      after: 0,
      only: async (batch) => {
        seen.push(...batch.map((stored) => stored.projectId));
        return batch;
      },
    });
    assert.deepEqual(seen, ['new', 'old']);
    await events[Symbol.asyncDispose]();
  });

  it('of the shape of an earlier version become one reset after which the client goes on', async (t) => {
    const { store, open } = await start(t);
    const first = await open();
    for (const user of ['a', 'b', 'c']) first.publish(named(user));
    await first[Symbol.asyncDispose]();
    await store.db.updateTable('events').set({ shape: 'of-old' }).where('id', '<=', 2).execute();
    const second = await open();
    const taken = await take(second, 2, { after: 0 });
    assert.deepEqual(
      taken.map(({ id, type }) => [id, type]),
      [
        [3, 'member.removed'],
        [3, 'reset'],
      ],
    );
    await second[Symbol.asyncDispose]();
  });

  it('that are not as the contract has them are refused when they are published, and take no number', async (t) => {
    const { open, errors } = await start(t);
    const events = await open();
    events.publish({ type: 'member.removed', project: 'No such name!', data: { user: 'a' } });
    events.publish(named('b'));
    assert.deepEqual(
      (await take(events, 1, { after: 0 })).map((event) => event.id),
      [1],
    );
    assert.match(String(errors[0]), /member\.removed/);
    await events[Symbol.asyncDispose]();
  });
});
