import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTestHost } from './host.fixture.ts';
import { lineWriter } from './jobs/log.ts';
import { createTerminal, jsonText, nameText } from './terminal.ts';

const attack = '\u001b]52;c;cm0gLXJm\u0007\u001b[2J\u009b6n';

describe('the terminal', () => {
  it('gets no control sequence of what others wrote, in results and talk', async () => {
    await using host = await createTestHost();
    const terminal = createTerminal(host);
    terminal.print(`a${attack}b`);
    terminal.say(`c${attack}d`);
    assert.deepEqual([host.out(), host.err()], ['ab\n', 'cd\n']);
  });

  it('gets the log of a job without control sequences, also of one that is cut between two lines', async () => {
    await using host = await createTestHost();
    const log = lineWriter({ host, terminal: createTerminal(host), json: false });
    const line = { seq: 1, time: '2026-01-01T00:00:00Z' };
    log.write({ ...line, stream: 'stdout', text: 'a\u001b]52;c;cm0' });
    log.write({ ...line, stream: 'stderr', text: `e${attack}\n` });
    log.write({ ...line, stream: 'stdout', text: 'gLXJm\u0007b\u001b[31m\r\n' });
    log.end();
    assert.deepEqual([host.out(), host.err()], ['ab\u001b[31m\r\n\u001b[0m', 'e\n']);
  });

  it('gets JSON that says all that was written and has no control characters', () => {
    assert.deepEqual(JSON.parse(jsonText({ attack })), { attack });
    // oxlint-disable-next-line no-control-regex -- They are what is looked for.
    assert.doesNotMatch(jsonText({ attack }), /[\u0000-\u001f\u007f-\u009f]/u);
  });

  it('shows a row of a table in one line, and of names what would not be seen', async () => {
    await using host = await createTestHost();
    const names = ['new\nline  forged', 'cr\rforged', 'tab\tb'];
    createTerminal(host).printTable(
      ['name', 'n'],
      names.map((name) => [name, '1']),
      '',
    );
    assert.equal(host.out(), 'NAME               N\nnew\\nline  forged  1\ncr\\rforged         1\ntab\\tb             1\n');
    assert.equal(nameText(`\u202etxt.exe ${attack}`), '\\u202etxt.exe \\u001b]52;c;cm0gLXJm\\u0007\\u001b[2J\\u009b6n');
    assert.equal(nameText('\u061ca\u2028b\u200bc\u{e0061}'), '\\u061ca\\u2028b\\u200bc\\udb40\\udc61');
    for (const name of ['Käse – 猫.txt', '👩\u200d💻.py']) assert.equal(nameText(name), name);
  });

  it('aligns columns by what is seen', async () => {
    await using host = await createTestHost();
    const rows = [
      ['猫', '1'],
      ['\u001b[31mred\u001b[39m', '2'],
      ['e\u0301', '3'],
    ];
    createTerminal(host).printTable(['name', 'n'], rows, '');
    assert.equal(host.out(), 'NAME  N\n猫    1\n\u001b[31mred\u001b[39m   2\ne\u0301     3\n');
  });
});
