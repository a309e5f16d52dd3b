import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { it } from 'node:test';
import type { Problem } from '@bine/shared/problems';
import type { WebSocket } from 'ws';
import { createIncomingBudget } from './incoming-budget.ts';

function start() {
  const cut: unknown[] = [];
  const budget = createIncomingBudget({ socketsOfKey: 3, bytes: 1_000_000, bytesOfKey: 400_000 }, (ws) => {
    cut.push(ws);
    ws.emit('close');
  });
  const open = (keyId: string) => {
    budget.admit(keyId);
    const ws = new EventEmitter() as WebSocket;
    const raw = new EventEmitter() as Socket;
    budget.watch(ws, raw, keyId);
    return { ws, send: (bytes: number) => raw.emit('data', Buffer.alloc(bytes)) };
  };
  return { cut, open };
}

it('cuts off whoever leaves most of a message with us, of a key and of all', () => {
  const { cut, open } = start();
  const [small, large] = [open('a'), open('a')];
  small.send(100_000);
  large.send(290_000);
  assert.deepEqual(cut, []);
  small.send(20_000);
  assert.deepEqual(cut, [large.ws]);
  const others = ['b', 'c', 'd'].map(open);
  for (const [at, other] of others.entries()) other.send(300_000 + at);
  assert.deepEqual(cut, [large.ws, others[2]!.ws]);
});

it('counts nothing of a message that is whole', () => {
  const { cut, open } = start();
  const one = open('a');
  for (let i = 0; i < 100; i++) {
    one.send(300_000);
    one.ws.emit('message');
  }
  assert.deepEqual(cut, []);
});

it('refuses more sockets than a key may have, until one closes', () => {
  const { open } = start();
  const first = open('a');
  open('a');
  open('a');
  assert.throws(
    () => open('a'),
    ({ code, message }: Problem) => code === 'conflict' && message.includes('has 3 open sockets'),
  );
  open('b');
  first.ws.emit('close');
  open('a');
});
