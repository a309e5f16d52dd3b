import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { limitConnections } from './connection-limit.ts';

describe('the limit on connections of a user', () => {
  it('does not count one that was closed before its key was known', async (t) => {
    const http = createServer();
    const admit = limitConnections(http);
    t.after(() => http.close());
    await once(http.listen(0, '127.0.0.1'), 'listening');
    const { port } = http.address() as AddressInfo;
    for (let i = 0; i <= 1024; i++) {
      const asked = once(http, 'request') as Promise<[IncomingMessage]>;
      const client = connect(port, '127.0.0.1').on('error', () => undefined);
      client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
      const [request] = await asked;
      const closed = once(request.socket, 'close');
      client.destroy();
      await closed;
      assert.doesNotThrow(() => admit(request, 'impatient'));
    }
  });
});
