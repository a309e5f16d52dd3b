import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { linesWith } from './lines-with.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('lines with a text', () => {
  it('are found whatever their case, and say where', () => {
    assert.deepEqual(linesWith('rows', bytes('import x\r\n  Rows = 1\n')), [{ line: 1, from: 2, to: 6, text: 'Rows = 1' }]);
  });

  it('are shortened around what was found', () => {
    const [{ text } = { text: '' }] = linesWith('needle', bytes(`${'a'.repeat(1000)}needle${'b'.repeat(1000)}`));
    assert.match(text, /^…a+needleb+…$/);
    assert.ok(text.length < 200);
  });

  it('are none in what is no text, or has none', () => {
    assert.deepEqual(linesWith('a', bytes('a\0a')), []);
    assert.deepEqual(linesWith('a', bytes('')), []);
  });
});
