import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createImageCatalog } from './image-catalog.ts';
import type { Image } from '../../ports/images.ts';

const image = (id: string, ...tags: string[]): Image => ({ id, tags, labels: {}, created: '2026-01-01T00:00:00.000Z', size: 1 });

describe('the catalog of images', () => {
  it('asks the engine once for all that ask at a time', async () => {
    let asked = 0;
    const catalog = createImageCatalog(async () => {
      asked++;
      return [image('sha256:1', 'a:1', 'a:2'), image('sha256:2')];
    });
    const names = ['a:1', 'a:2', 'sha256:2', 'b:1'];
    const found = await Promise.all(Array.from({ length: 400 }, (_, at) => catalog.find(names[at % 4]!)));
    assert.deepEqual(
      found.slice(0, 4).map((one) => one?.id ?? null),
      ['sha256:1', 'sha256:1', 'sha256:2', null],
    );
    assert.equal(asked, 1);
  });

  it('does not answer with what was read before an image was added', async () => {
    const images = [image('sha256:1', 'a:1')];
    const begun = Promise.withResolvers<void>();
    const first = Promise.withResolvers<void>();
    let asked = 0;
    const catalog = createImageCatalog(async () => {
      const read = [...images];
      begun.resolve();
      if (asked++ === 0) await first.promise;
      return read;
    });
    const early = catalog.find('b:1');
    await begun.promise;
    images.push(image('sha256:2', 'b:1'));
    catalog.forget();
    const late = catalog.find('b:1');
    first.resolve();
    assert.equal(await early, null);
    assert.equal((await late)?.id, 'sha256:2');
  });

  it('finds what others added a moment ago', async () => {
    const images = [image('sha256:1', 'a:1')];
    const catalog = createImageCatalog(async () => [...images]);
    assert.equal(await catalog.find('b:1'), null);
    images.push(image('sha256:2', 'b:1'));
    assert.equal((await catalog.find('b:1'))?.id, 'sha256:2');
  });

  it('asks again after a failure', async () => {
    let asked = 0;
    const catalog = createImageCatalog(async () => {
      if (asked++ === 0) throw new Error('away');
      return [image('sha256:1', 'a:1')];
    });
    await assert.rejects(catalog.find('a:1'), /away/);
    assert.equal((await catalog.find('a:1'))?.id, 'sha256:1');
  });
});
