/** One open connection to the gateway, watched over: a socket may not know for minutes that nobody is at its other end. */
import { socketPath, socketProtocol } from '@bine/shared';
import type { ClientContext } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import { socketAddress } from './address.ts';
import { type Socket, openSocket } from './socket.ts';
import { pause } from './wait.ts';

/** A gateway and the key to show it. */
export type Target = { address: string; key: string };

export type Session = {
  target: Target;
  rpc: RPCLink<ClientContext>;
  /** Aborted when the connection is gone. */
  closed: AbortSignal;
  /** Finds out now whether it still carries an answer. */
  check(): void;
};

/** Milliseconds. */
export const sessionTiming = {
  handshake: 10_000,
  heartbeat: 10_000,
  /** For one answer to a heartbeat. Two in a row have to fail: the editor itself may have been busy during the first. */
  answer: 5000,
};

export async function openSession(target: Target, options: { signal: AbortSignal; timing: typeof sessionTiming }): Promise<Session> {
  const { signal, timing } = options;
  const socket = await openSocket({
    url: socketAddress(target.address) + socketPath,
    key: target.key,
    protocol: socketProtocol,
    signal,
    deadline: timing.handshake,
  });
  const closed = new AbortController();
  const rpc = new RPCLink({ websocket: forgiving(socket) });
  // After the client's own listener: it has ended its calls by then, and sends no "abort" for them into a closed socket.
  socket.addEventListener('close', () => closed.abort());
  let due = new AbortController();

  async function answers(): Promise<boolean> {
    const signal = AbortSignal.any([AbortSignal.timeout(timing.answer), closed.signal]);
    return rpc.call(['system', 'health'], {}, { signal, context: {} }).then(
      () => true,
      () => false,
    );
  }

  async function watchOver(): Promise<void> {
    while (!closed.signal.aborted) {
      await pause(timing.heartbeat, due.signal, closed.signal);
      due = new AbortController();
      if (!(await answers()) && !(await answers())) socket.terminate();
    }
  }

  void watchOver();
  return { target, rpc, closed: closed.signal, check: () => due.abort() };
}

/**
 * The client sends "abort" for what it gave up on, and would throw where nobody catches while the socket closes. What is sent then
 * need not arrive: 'close' follows, and ends every call.
 */
function forgiving(socket: Socket): Pick<WebSocket, 'addEventListener' | 'removeEventListener' | 'send' | 'readyState'> {
  const web = socket as unknown as WebSocket;
  return {
    addEventListener: web.addEventListener.bind(web),
    removeEventListener: web.removeEventListener.bind(web),
    get readyState() {
      return web.readyState === web.CLOSING ? web.OPEN : web.readyState;
    },
    send: (data) => (web.readyState === web.OPEN ? web.send(data) : undefined),
  };
}
