import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createFeed } from './event-feed.ts';
import { type TestGateway, key, startTestGateway } from './gateway.fixture.ts';
import { createFetch } from './http.ts';
import { type Link, type LinkOptions, type LinkState, createLink } from './link.ts';
import { createClient } from './rpc.ts';

const quick = { backoff: [10, 20, 40], patience: 60_000, heartbeat: 50, answer: 100, handshake: 2000, refused: 60_000 };

type Watched = Link & Disposable & { states: LinkState[]; until(state: LinkState): Promise<void> };

/** A link that remembers its states and lets a test wait for one. */
function watchedLink(find: LinkOptions['find'], timing: LinkOptions['timing'] = {}): Watched {
  const states: LinkState[] = [];
  const waiting = new Set<() => void>();
  const link = createLink({
    find,
    log: () => {},
    timing: { ...quick, ...timing },
    onState(state) {
      states.push(state);
      for (const tell of waiting) tell();
    },
  });
  return Object.assign(link, {
    states,
    async until(state: LinkState) {
      while (link.now.state !== state) {
        await new Promise<void>((resolve) => waiting.add(resolve));
        waiting.clear();
      }
    },
    [Symbol.dispose]: () => link.close(),
  });
}

const to = (gateway: TestGateway) => async () => ({ address: gateway.address, key });
const connected = (link: Watched) => async (signal: AbortSignal) => void (await link.session(signal));

describe('the link to the gateway', () => {
  it('connects', async () => {
    await using gateway = await startTestGateway();
    using link = watchedLink(to(gateway));
    await link.until('connected');
    assert.equal(link.now.target?.address, gateway.address);
  });

  it('comes back by itself when the connection breaks', async () => {
    await using gateway = await startTestGateway();
    using link = watchedLink(to(gateway));
    await link.until('connected');
    gateway.drop();
    await link.until('reconnecting');
    await link.until('connected');
    assert.deepEqual(link.states, ['connected', 'reconnecting', 'connected']);
  });

  it('finds a gateway that came back at another address', async () => {
    const first = await startTestGateway();
    let address = first.address;
    using link = watchedLink(async () => ({ address, key }));
    await link.until('connected');
    await using second = await startTestGateway();
    await first[Symbol.asyncDispose]();
    address = second.address;
    await link.until('reconnecting');
    await link.until('connected');
    assert.equal(link.now.target?.address, second.address);
  });

  it('notices a connection that no longer answers', async () => {
    await using gateway = await startTestGateway();
    using link = watchedLink(to(gateway));
    await link.until('connected');
    gateway.alive = false;
    await link.until('reconnecting');
  });

  it('says offline when nothing answers for long, and tries at once when poked', async () => {
    const gateway = await startTestGateway();
    await gateway[Symbol.asyncDispose]();
    using link = watchedLink(to(gateway), { patience: -1, backoff: [600_000] });
    await link.until('offline');
    await using _again = await startTestGateway(gateway.port);
    link.poke();
    await link.until('connected');
  });

  it('is signed out without a gateway, and connects after a sign-in', async () => {
    await using gateway = await startTestGateway();
    let signedIn = false;
    using link = watchedLink(async () => (signedIn ? { address: gateway.address, key } : null), { backoff: [600_000] });
    await link.until('signed-out');
    await assert.rejects(link.session(new AbortController().signal), { code: 'no-key' });
    signedIn = true;
    link.restart();
    await link.session(new AbortController().signal);
    assert.equal(link.now.state, 'connected');
  });

  it("tells the gateway's own words when the key is refused", async () => {
    await using gateway = await startTestGateway();
    using link = watchedLink(async () => ({ address: gateway.address, key: 'wrong' }));
    await link.until('signed-out');
    assert.equal(link.now.problem?.code, 'bad-key');
    assert.match(link.now.problem?.message ?? '', /not valid/);
  });
});

describe('a call', () => {
  it('waits while there is no connection', async () => {
    const gateway = await startTestGateway();
    await gateway[Symbol.asyncDispose]();
    using link = watchedLink(to(gateway));
    const answer = createClient(link).projects.list({});
    await using _again = await startTestGateway(gateway.port);
    assert.deepEqual(await answer, []);
  });

  it('fails with a clear error when the gateway does not come back in time', async () => {
    const gateway = await startTestGateway();
    await gateway[Symbol.asyncDispose]();
    using link = watchedLink(to(gateway));
    await assert.rejects(createClient(link, 50).projects.list({}), { code: 'timeout', message: /does not answer.*bine up/ });
  });

  it('that only reads is sent again when the connection breaks in the middle', async () => {
    await using gateway = await startTestGateway();
    gateway.dropFirst = true;
    using link = watchedLink(to(gateway));
    assert.deepEqual(await createClient(link).projects.list({}), []);
    assert.equal(gateway.calls['list'], 2);
  });

  it('that changes something is not sent twice', async () => {
    await using gateway = await startTestGateway();
    using link = watchedLink(to(gateway));
    await assert.rejects(createClient(link).projects.delete({ project: 'p' }), { code: 'timeout', message: /connection was lost/ });
    assert.equal(gateway.calls['delete'], 1);
  });
});

describe('the feed of events', () => {
  it('misses none that happen while the connection is lost, and repeats none', async () => {
    await using gateway = await startTestGateway();
    using link = watchedLink(to(gateway));
    const seen: number[] = [];
    let resets = 0;
    const got = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    const feed = createFeed({
      client: createClient(link),
      connected: connected(link),
      onProblem: (error) => assert.fail(String(error)),
      onReset() {
        resets++;
        started.resolve();
      },
    });
    feed.on('project.deleted', ({ id }) => {
      seen.push(id);
      if (id === 1) gateway.drop();
      if (id === 3) got.resolve();
    });
    await started.promise;
    gateway.publish(1);
    await link.until('reconnecting');
    gateway.publish(2);
    gateway.publish(3);
    await got.promise;
    feed.close();
    assert.deepEqual(seen, [1, 2, 3]);
    assert.equal(resets, 1);
  });
});

describe('a plain request', () => {
  it('carries its bytes and gets the answer', async () => {
    await using gateway = await startTestGateway();
    gateway.answer = (path, body) => ({ status: 200, body: JSON.stringify({ path, body }) });
    using link = watchedLink(to(gateway));
    const answer = await createFetch(link)('/x', { method: 'PUT', body: new TextEncoder().encode('bytes') });
    assert.deepEqual(await answer.json(), { path: '/x', body: 'bytes' });
  });

  it('that never gets an answer is sent again once the connection is found to be lost and is back', async () => {
    await using gateway = await startTestGateway();
    const asked = Promise.withResolvers<void>();
    gateway.answer = () => {
      asked.resolve();
      return null;
    };
    using link = watchedLink(to(gateway));
    const answer = createFetch(link)('/x', { method: 'PUT', body: new TextEncoder().encode('bytes') });
    await asked.promise;
    gateway.alive = false;
    await link.until('reconnecting');
    gateway.answer = (_, body) => ({ status: 200, body });
    gateway.alive = true;
    assert.equal(await (await answer).text(), 'bytes');
  });

  it('ends at once when its user gives up while the gateway is away', async () => {
    using link = watchedLink(async () => ({ address: 'http://127.0.0.1:9', key }));
    const giveUp = new AbortController();
    const answer = createFetch(link)('/x', { method: 'PUT', body: new Uint8Array(1), signal: giveUp.signal });
    giveUp.abort();
    await assert.rejects(answer, { name: 'Problem' });
  });

  it('fails with the problem that the gateway names', async () => {
    await using gateway = await startTestGateway();
    gateway.answer = () => ({ status: 412, body: JSON.stringify({ code: 'changed', detail: 'Somebody was faster.' }) });
    using link = watchedLink(to(gateway));
    await assert.rejects(createFetch(link)('/x'), { code: 'changed', message: 'Somebody was faster.' });
  });

  it('fails with a problem when something else than the gateway answers', async () => {
    await using gateway = await startTestGateway();
    gateway.answer = () => ({ status: 503, body: '<html>' });
    using link = watchedLink(to(gateway));
    await assert.rejects(createFetch(link)('/x'), { name: 'Problem', message: /status 503/ });
  });
});
