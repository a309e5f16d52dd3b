import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type KernelMessage, decodeMessage, encodeRecord } from '@bine/shared/kernel-wire';
import { Problem } from '@bine/shared/problems';
import { key, startTestGateway } from '../connection/gateway.fixture.ts';
import { openKernelSocket } from '../connection/kernel-socket.ts';
import { createLink } from '../connection/link.ts';
import { openKernelLink } from './kernel-link.ts';

const header = (id: string, type: string) => ({ msg_id: id, msg_type: type, session: 's', username: 'u', date: '', version: '5.3' });
const request = (id: string): KernelMessage => ({
  channel: 'shell',
  header: header(id, 'execute_request'),
  parent_header: {},
  metadata: {},
  content: {},
  buffers: [],
});

const own = (type: string, content: object) =>
  encodeRecord(
    0,
    1,
    ['supervisor', ...[header(type, type), {}, {}, content].map((part) => JSON.stringify(part))].map((part) =>
      new TextEncoder().encode(part),
    ),
  );
const refusal = (id: string) => own('refused', { request: id, code: 'conflict', detail: 'The kernel is being shut down.' });

async function connect() {
  const gateway = await startTestGateway();
  const link = createLink({ find: async () => ({ address: gateway.address, key }), onState: () => {}, log: () => {} });
  const connection = {
    connected: async () => void (await link.session(AbortSignal.timeout(30_000))),
    openKernelSocket: (options: Parameters<typeof openKernelSocket>[1]) => openKernelSocket(link, options),
  };
  const refused: [string, string][] = [];
  const gone = Promise.withResolvers<Problem>();
  const last = Promise.withResolvers<void>();
  const open = () =>
    openKernelLink({
      connection,
      project: 'p',
      kernel: 'k',
      since: 0,
      onRecord: () => undefined,
      onAttached: () => undefined,
      onRefused(id, { code }) {
        refused.push([id, code]);
        if (id === 'last') last.resolve();
      },
      onGone: gone.resolve,
      isLive: () => true,
    });
  return {
    gateway,
    open,
    refused,
    gone: gone.promise,
    last: last.promise,
    async [Symbol.asyncDispose]() {
      link.close();
      await gateway[Symbol.asyncDispose]();
    },
  };
}

describe('the link to a kernel', () => {
  it('refuses what waits to be sent when the kernel is gone, and what is sent later', async () => {
    await using test = await connect();
    test.gateway.refuseKernels = new Problem('not-found', 'There is no kernel "k".');
    const link = test.open();
    link.send(request('waits'));
    assert.equal((await test.gone).code, 'not-found');
    link.send(request('later'));
    assert.deepEqual(test.refused, [
      ['waits', 'not-found'],
      ['later', 'not-found'],
    ]);
    assert.deepEqual([link.gone, link.unconfirmed], [true, []]);
  });

  it('tells a refusal once, and not that of a request that was withdrawn', async () => {
    await using test = await connect();
    test.gateway.onKernel = (socket) =>
      socket.on('message', (data: Buffer) => {
        const { msg_id: id } = decodeMessage(new Uint8Array(data)).header;
        if (id !== 'last') return;
        for (const each of ['withdrawn', 'kept', 'kept', 'last']) socket.send(refusal(each));
      });
    const link = test.open();
    link.send(request('withdrawn'));
    link.withdraw(['withdrawn']);
    link.send(request('kept'));
    link.send(request('last'));
    await test.last;
    assert.deepEqual(test.refused, [
      ['kept', 'conflict'],
      ['last', 'conflict'],
    ]);
    link.dispose();
  });
});
