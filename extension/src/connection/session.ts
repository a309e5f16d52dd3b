/** One open connection to the gateway, watched over: a socket may not know for minutes that nobody is at its other end. */
import { socketPath, socketProtocol } from '@bine/shared';
import type { ClientContext } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import { socketAddress } from './address.ts';
import { openSocket } from './socket.ts';
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
  socket.addEventListener('close', () => closed.abort());
  const rpc = new RPCLink({ websocket: socket as unknown as WebSocket });
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
