import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTerminalFilter, terminalText } from './terminal-text.ts';

const dropped: Record<string, string> = {
  'a title': '\u001b]0;owned\u0007',
  'the clipboard': '\u001b]52;c;cm0gLXJm\u001b\\',
  'a question that the terminal answers': '\u001b[6n\u001b[c\u001b[>0q',
  'the alternate screen': '\u001b[?1049h',
  'erasing and moving': '\u001b[2J\u001b[3J\u001b[1;1H\u001b[5A',
  'a reset': '\u001bc',
  'a device control string': '\u001bP$q"p\u001b\\',
  'a keyboard mode that ends like a colour': '\u001b[>4;2m\u001b[?4m',
  'control characters of 8 bits': '\u009b2J\u009d0;owned\u0007\u009d52;c;eA==\u009c',
  'a bell, backspaces and delete': '\u0007\b\b\u007f\u000e\u000b\u000c\0',
  'a link to a program': '\u001b]8;;command:workbench.action.quit\u0007',
  'a link to a file': '\u001b]8;;file:///etc/passwd\u001b\\',
  'a link with a line of its own': '\u001b]8;x=1;https://a.example\u0007',
};
const kept: Record<string, string> = {
  colours: '\u001b[1;38;2;1;2;3mred\u001b[4:3mcurly\u001b[0m',
  'a link': '\u001b]8;id=a;https://a.example/?q=1\u001b\\docs\u001b]8;;\u001b\\',
  'a progress bar': '10 %\r20 %\r\n',
  'tabs and lines': 'a\tb\nc',
  'letters of every kind': 'żółw 猫 👩‍💻 \u{1f600}',
};

describe('text for a terminal', () => {
  for (const [what, text] of Object.entries(dropped)) it(`loses ${what}`, () => assert.equal(terminalText(`a${text}b`), 'ab'));
  for (const [what, text] of Object.entries(kept)) it(`keeps ${what}`, () => assert.equal(terminalText(text), text));

  for (const [what, text] of Object.entries({ ...dropped, ...kept })) {
    it(`is the same with ${what} cut anywhere`, () => {
      const whole = terminalText(`a${text}b`);
      for (let at = 0; at <= text.length; at++) {
        const filter = createTerminalFilter();
        const shown = filter.write(`a${text.slice(0, at)}`) + filter.write(`${text.slice(at)}b`) + filter.end();
        assert.equal(shown, whole, `cut at ${at}`);
      }
    });
  }

  it('ends the colours and the link that a program left on', () =>
    assert.equal(
      terminalText('\u001b[31m\u001b]8;;http://a.example\u0007x'),
      '\u001b[31m\u001b]8;;http://a.example\u0007x\u001b]8;;\u001b\\\u001b[0m',
    ));

  it('shows what follows a sequence without an end', () => {
    const filter = createTerminalFilter();
    const text = 'x'.repeat(5000);
    assert.equal(filter.write('\u001b]0;') + filter.write(text) + filter.write('after\n'), `]0;${text}after\n`);
  });

  it('never lets a control sequence through, whatever it is made of', () => {
    const pieces = [
      '\u001b',
      '[',
      ']',
      '8;;',
      'https://a',
      '\u0007',
      '\\',
      '\u009b',
      '\u009d',
      '31',
      'm',
      'J',
      ';',
      '?',
      '\u0018',
      'é',
      '\n',
    ];
    let seed = 7;
    const random = (below: number) => (seed = (seed * 1103515245 + 12345) % 2 ** 31) % below;
    // oxlint-disable-next-line no-control-regex -- They are what is looked for.
    const allowed = /\u001b\[[\d;:]*m|\u001b\]8;[^;\u0000-\u001f]*;(?:https?:\/\/[!-~]+)?(?:\u0007|\u001b\\)/g;
    for (let round = 0; round < 5000; round++) {
      const filter = createTerminalFilter();
      let shown = '';
      for (let chunk = 0; chunk < 8; chunk++) {
        let text = '';
        for (let i = random(6); i >= 0; i--) text += pieces[random(pieces.length)]!;
        shown += filter.write(text);
      }
      // oxlint-disable-next-line no-control-regex -- They are what is looked for.
      assert.doesNotMatch((shown + filter.end()).replaceAll(allowed, ''), /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/u);
    }
  });
});
