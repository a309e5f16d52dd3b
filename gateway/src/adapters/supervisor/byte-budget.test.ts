import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createByteBudget } from './byte-budget.ts';

const never = new AbortController().signal;

it('lets those wait that find no room, and one key does not take what is left for others', async () => {
  const budget = createByteBudget({ total: 100, each: 60 });
  const first = await budget.take('a', 60, never);
  const order: string[] = [];
  const again = budget.take('a', 10, never).then((release) => {
    order.push('a');
    return release;
  });
  const other = await budget.take('b', 40, never);
  const last = budget.take('c', 30, never).then((release) => {
    order.push('c');
    return release;
  });
  assert.equal(budget.taken(), 100);
  other();
  const third = await last;
  assert.deepEqual(order, ['c']);
  first();
  first();
  (await again)();
  third();
  assert.deepEqual([order, budget.taken()], [['c', 'a'], 0]);
});

it('lets go of who does not wait any more', async () => {
  const budget = createByteBudget({ total: 10, each: 10 });
  const held = await budget.take('a', 10, never);
  const leaving = new AbortController();
  const waiting = budget.take('b', 5, leaving.signal);
  leaving.abort(new Error('gone'));
  await assert.rejects(waiting, /gone/);
  held();
  assert.equal(budget.taken(), 0);
});
