import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type KernelMessage, decodeMessage, encodeRecord } from '@bine/shared/kernel-wire';
import { key, startTestGateway } from './gateway.fixture.ts';
import { openKernelSocket } from './kernel-socket.ts';
import { createLink } from './link.ts';

const header = { msg_id: 'm', msg_type: 'stream', session: 's', username: 'u', date: '', version: '5.3' };
const message: KernelMessage = {
  channel: 'shell',
  header,
  parent_header: {},
  metadata: {},
  content: { text: 'é' },
  buffers: [new Uint8Array([1, 2])],
};

const text = (value: unknown) => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const record = (seq: number, content: unknown = {}) => encodeRecord(seq, 7, [text('iopub'), ...[header, {}, {}, content].map(text)]);

async function connect() {
  const gateway = await startTestGateway();
  const link = createLink({ find: async () => ({ address: gateway.address, key }), onState: () => {}, log: () => {} });
  const stop = new AbortController();
  return {
    gateway,
    open: (since?: number) =>
      openKernelSocket(link, { project: 'p', kernel: 'k', signal: stop.signal, ...(since !== undefined && { since }) }),
    async [Symbol.asyncDispose]() {
      stop.abort();
      link.close();
      await gateway[Symbol.asyncDispose]();
    },
  };
}

describe("a kernel's socket", () => {
  it('asks for what comes after the record seen last, and yields records in order until it is closed', async () => {
    await using test = await connect();
    let asked = '';
    test.gateway.onKernel = (socket, url) => {
      asked = url;
      socket.send(record(6, { text: 'a' }));
      socket.send(record(7, { text: 'b' }));
      socket.close();
    };
    const seen = [];
    for await (const { seq, time, content } of test.open(5).records) seen.push([seq, time, content['text']]);
    assert.equal(asked, '/api/v1/projects/p/kernels/k/channels?since=5');
    assert.deepEqual(seen, [
      [6, 7, 'a'],
      [7, 7, 'b'],
    ]);
  });

  it('carries messages to the kernel whole', async () => {
    await using test = await connect();
    const arrived = Promise.withResolvers<KernelMessage>();
    test.gateway.onKernel = (socket) => socket.on('message', (data: Buffer) => arrived.resolve(decodeMessage(new Uint8Array(data))));
    const socket = test.open();
    await socket.opened;
    socket.send(message);
    const got = await arrived.promise;
    assert.deepEqual({ ...got, buffers: got.buffers.map((buffer) => [...buffer]) }, { ...message, buffers: [[1, 2]] });
  });

  it('refuses to send when it is not open, instead of losing the message', async () => {
    await using test = await connect();
    assert.throws(() => test.open().send(message), { name: 'Problem', message: /connection to the kernel is lost/ });
  });

  it('holds the gateway back while nobody reads, and loses nothing', async () => {
    await using test = await connect();
    const count = 64;
    const big = 'x'.repeat(1 << 20);
    const ready = Promise.withResolvers<import('ws').WebSocket>();
    test.gateway.onKernel = (socket) => {
      for (let seq = 1; seq <= count; seq++) socket.send(record(seq, { text: big }), () => seq === count && socket.close());
      ready.resolve(socket);
    };
    const socket = test.open();
    const server = await ready.promise;
    const { setTimeout: later } = await import('node:timers/promises');
    // Until what is under way stands still: what the server still holds is what the reader did not have to.
    for (let before = -1; before !== server.bufferedAmount; await later(100)) before = server.bufferedAmount;
    assert.ok(server.bufferedAmount > 20 << 20, `the server held ${server.bufferedAmount} bytes`);
    const seen = [];
    for await (const { seq } of socket.records) seen.push(seq);
    assert.deepEqual(
      seen,
      Array.from({ length: count }, (_, i) => i + 1),
    );
  });

  it('ends quietly when it is disposed of', async () => {
    await using test = await connect();
    const socket = test.open();
    await socket.opened;
    socket.dispose();
    for await (const _ of socket.records) assert.fail('nothing was sent');
  });
});
