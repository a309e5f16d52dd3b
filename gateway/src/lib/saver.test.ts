import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createSaver } from './saver.ts';

const full = () => Object.assign(new Error('no room'), { code: 'ENOSPC' });

it('writes the latest of each key once there is room, and makes nobody wait for that', async () => {
  const written: string[] = [];
  const errors: unknown[] = [];
  let hasRoom = false;
  const all = Promise.withResolvers<void>();
  const saver = createSaver<{ key: string; text: string }>({
    keyOf: ({ key }) => key,
    async write({ key, text }) {
      if (!hasRoom) throw full();
      written.push(`${key}${text}`);
      if (written.length === 2) all.resolve();
    },
    onError: (error) => errors.push(error),
    retryMilliseconds: 1,
  });
  await saver.save({ key: 'a', text: '1' });
  await saver.save({ key: 'b', text: '1' });
  await saver.save({ key: 'a', text: '2' });
  assert.deepEqual([written, saver.unwritten('a'), saver.unwritten('c')], [[], { key: 'a', text: '2' }, undefined]);
  assert.ok(errors.length >= 3);
  hasRoom = true;
  await all.promise;
  await saver.saved();
  assert.deepEqual([written, saver.unwritten('a')], [['a2', 'b1'], undefined]);
});

it('goes on after what cannot be written for another reason', async () => {
  const written: string[] = [];
  const errors: unknown[] = [];
  const saver = createSaver<string>({
    keyOf: (value) => value,
    async write(value) {
      if (value === 'bad') throw new Error('not that one');
      written.push(value);
    },
    onError: (error) => errors.push(error),
  });
  void saver.save('bad');
  await saver.save('good');
  assert.deepEqual([written, errors.length], [['good'], 1]);
});
