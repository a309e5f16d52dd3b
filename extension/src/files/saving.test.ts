import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createVersions } from './saving.ts';

const file = '/p/a.py';

describe('a save', () => {
  it('replaces whatever is there when nothing is known of it', () => {
    assert.equal(createVersions().expected(file), undefined);
  });

  it('replaces only the version that was read', () => {
    const versions = createVersions();
    versions.read(file, { etag: 'one', size: 5 });
    assert.equal(versions.expected(file), 'one');
  });

  it('of what VS Code looked at just before, and may tell apart by its size, replaces that: its user chose to overwrite', () => {
    const versions = createVersions();
    versions.read(file, { etag: 'one', size: 5 });
    versions.seen(file, { etag: 'two', size: 6 });
    assert.equal(versions.expected(file), 'two');
  });

  it('does not replace a change that VS Code cannot see, because the size is the same', () => {
    const versions = createVersions();
    versions.read(file, { etag: 'one', size: 5 });
    versions.seen(file, { etag: 'two', size: 5 });
    assert.equal(versions.expected(file), 'one');
  });

  it('tried again after the user was told replaces that change, but not a later one', () => {
    const versions = createVersions();
    versions.read(file, { etag: 'one', size: 5 });
    versions.seen(file, { etag: 'two', size: 5 });
    versions.warned(file);
    assert.equal(versions.expected(file), 'two');
    versions.seen(file, { etag: 'three', size: 5 });
    assert.equal(versions.expected(file), 'one');
  });

  it('after a save goes on from what was saved', () => {
    const versions = createVersions();
    versions.read(file, { etag: 'one', size: 5 });
    versions.written(file, { etag: 'two', size: 9 });
    assert.equal(versions.expected(file), 'two');
  });

  it('of a file that was deleted or renamed starts anew', () => {
    const versions = createVersions();
    versions.read(file, { etag: 'one', size: 5 });
    versions.forget(file);
    assert.equal(versions.expected(file), undefined);
  });

  it('remembers the files used last, not all there ever were', () => {
    const versions = createVersions(2);
    for (const name of ['a', 'b', 'c']) versions.read(name, { etag: name, size: 1 });
    assert.deepEqual(
      ['a', 'b', 'c'].map((name) => versions.expected(name)),
      [undefined, 'b', 'c'],
    );
  });
});
