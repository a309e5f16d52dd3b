import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTerminalText } from './terminal-text.ts';

const up = '\u001b[A';

describe('printed text', () => {
  const cases: [string, string[], string][] = [
    ['keeps lines', ['a\n', 'b\n'], 'a\nb\n'],
    ['writes over a line after a carriage return', ['10%', '\r20%'], '20%'],
    ['keeps the rest of a longer line', ['abcdef\rXY'], 'XYcdef'],
    ['keeps a line that ends with a carriage return until something comes', ['50%\r'], '50%'],
    ['takes CR LF for a line end, also when it comes in two halves', ['a\r\nb\r', '\nc'], 'a\nb\nc'],
    ['takes characters back', ['abc\b\b', 'X'], 'aX'],
    ['takes nothing back beyond the beginning of a line', ['a\n\b\bb'], 'a\nb'],
    ['keeps colours where they are', ['\u001b[31mred\u001b[0m plain'], '\u001b[31mred\u001b[0m plain'],
    ['does not count colours as columns', ['\u001b[31mred\u001b[0m!\rRED'], 'RED\u001b[0m!'],
    ['writes over characters outside the basic plane one by one', ['😀😀\rx'], 'x😀'],
    ['moves nested progress bars', ['outer 1', '\n\rinner 1', up, '\n\rinner 2', up, '\router 2', '\n'], 'outer 2\ninner 2'],
    ['erases a line', ['working…', '\r\u001b[K', 'done\n'], 'done\n'],
    ['erases a whole line', ['a\nlong line\u001b[2K\rb'], 'a\nb'],
    ['stops at the first line', [`a\n${up}${up}${up}\rb`], 'b\n'],
    ['goes on below after moving up', [`a\nb${up}\rA\nB\nc`], 'A\nB\nc'],
  ];
  for (const [name, chunks, expected] of cases) {
    it(name, () => {
      const text = createTerminalText();
      for (const chunk of chunks) text.write(chunk);
      assert.equal(text.whole(), expected);
      assert.equal(text.length, expected.length);
    });
    it(`${name}, when what is shown follows every chunk`, () => {
      const text = createTerminalText();
      let shown = '';
      for (const chunk of chunks) {
        text.write(chunk);
        const more = text.take();
        shown = more === null ? text.whole() : shown + more;
      }
      assert.equal(shown, expected);
    });
  }

  it('hands out only what is new while lines are added', () => {
    const text = createTerminalText();
    for (let line = 0; line < 1000; line++) {
      text.write(`line ${line}\n`);
      assert.equal(text.take(), `line ${line}\n`);
    }
    assert.equal(text.length, text.whole().length);
  });

  it('hands out many lines at once, beyond what the cursor can reach', () => {
    const text = createTerminalText();
    const lines = Array.from({ length: 1000 }, (_, line) => `line ${line}\n`);
    text.write('first\n');
    text.take();
    for (const line of lines) text.write(line);
    assert.equal(text.take(), lines.join(''));
  });

  it('says that a line that grows under a carriage return only grew', () => {
    const text = createTerminalText();
    text.write('..');
    text.take();
    text.write('\r....');
    assert.equal(text.take(), '..');
  });
});
