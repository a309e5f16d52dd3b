/** The contract over one WebSocket: calls side by side, and streams that go on from the last event that a client saw. */
import { StandardRPCHandler } from '@orpc/server/standard';
import { createServerPeerHandleRequestFn } from '@orpc/server/standard-peer';
import { ServerPeer } from '@orpc/standard-server-peer';
import type { WebSocket } from 'ws';
import { socketPath, socketProtocol } from '@bine/shared';
import type { RequestContext } from './base.ts';
import type { CallInterceptor } from './calls.ts';
import { pacedSend } from './paced-send.ts';
import type { ApiRouter } from './rest.ts';
import { closeCodes } from './sockets.ts';
import type { SocketRoute } from './sockets.ts';

type RpcSocketOptions = { router: ApiRouter; interceptor: CallInterceptor };

export function rpcSocket({ router, interceptor }: RpcSocketOptions): SocketRoute {
  const handler = new StandardRPCHandler<RequestContext>(router, { clientInterceptors: [interceptor] });
  return {
    name: 'socket',
    protocol: socketProtocol,
    largestMessage: 2 ** 20,
    path: new RegExp(`^${socketPath}$`),
    accept: async ({ context }) => ({ use: (ws) => serve(ws, context, handler) }),
  };
}

function serve(ws: WebSocket, context: RequestContext, handler: StandardRPCHandler<RequestContext>): void {
  // A client that asks more than it reads is not read either.
  const peer = new ServerPeer(async (message) => {
    const sent = pacedSend(ws, typeof message === 'string' ? message : [message as Uint8Array]);
    if (!sent) return;
    ws.pause();
    await sent;
    ws.resume();
  });
  let calls = 0;

  ws.on('message', (data: Buffer, isBinary) => {
    calls += 1;
    let understood = false;
    const handle = createServerPeerHandleRequestFn(handler, { context: { ...context, requestId: `${context.requestId}.${calls}` } });
    const answer: typeof handle = (request) => {
      understood = true;
      return handle(request);
    };
    // What fails later than this was told to the client, or there is no client to tell any more.
    peer.message(isBinary ? data : data.toString(), answer).catch(() => {
      if (!understood) ws.close(closeCodes.nonsense, 'This message is not of the protocol bine.v1.');
    });
  });
  ws.on('close', () => peer.close());
}
