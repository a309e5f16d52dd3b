import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Execution } from '@bine/shared';
import { type Output, streamText } from './outputs.ts';
import { type LogWriter, writeLog } from './records.fixture.ts';
import { type Runs, createRuns } from './runs.ts';

function readAll(log: LogWriter): Runs {
  const runs = createRuns();
  for (const record of log.records) runs.read(record);
  return runs;
}

/** What a cell shows, a line for each output. */
function shown(runs: Runs, cell: string): string[] {
  return (runs.latest.get(cell)?.outputs.all ?? []).map(describeOutput);
}

function describeOutput(output: Output): string {
  if (output.kind === 'stream') return streamText(output);
  if (output.kind === 'error') return [output.name, output.value, ...output.traceback].join('|');
  return Object.entries(output.data)
    .map(([mime, value]) => `${mime}: ${String(value)}`)
    .join(' | ');
}

describe('the runs of a log', () => {
  it('are queued, running and ended by the clock of the kernel', () => {
    const log = writeLog();
    const id = log.request('a');
    const runs = createRuns();
    const readOn = () => log.records.splice(0).forEach((record) => runs.read(record));
    readOn();
    assert.equal(runs.latest.get('a')?.state, 'queued');
    log.at(2000);
    log.begin(id, 7);
    readOn();
    assert.deepEqual([runs.latest.get('a')?.state, runs.latest.get('a')?.started, runs.latest.get('a')?.count], ['running', 2000, 7]);
    log.at(5500);
    log.reply(id, 'ok');
    readOn();
    const { state, ended, success } = runs.latest.get('a')!;
    assert.deepEqual([state, ended, success], ['ended', 5500, true]);
  });

  it('join what one stream prints, and keep two streams in order', () => {
    const log = writeLog();
    const id = log.request('a');
    log.begin(id, 1);
    for (const text of ['one\n', 'two\n']) log.print(id, text);
    log.print(id, 'oops\n', 'stderr');
    log.print(id, 'three\n');
    assert.deepEqual(shown(readAll(log), 'a'), ['one\ntwo\n', 'oops\n', 'three\n']);
  });

  it('fail with the traceback', () => {
    const log = writeLog();
    const id = log.request('a');
    log.begin(id, 1);
    log.say(id, 'error', { ename: 'ValueError', evalue: 'no', traceback: ['line 1', 'line 2'] });
    log.reply(id, 'error');
    const runs = readAll(log);
    assert.equal(runs.latest.get('a')?.success, false);
    assert.deepEqual(shown(runs, 'a'), ['ValueError|no|line 1|line 2']);
  });

  it('update displays by id in whatever cell they are, also when the updating cell shows nothing', () => {
    const log = writeLog();
    const first = log.request('a');
    log.begin(first, 1);
    const transient = { display_id: 'bar' };
    log.say(first, 'display_data', { data: { 'text/plain': '0%' }, metadata: {}, transient });
    log.reply(first, 'ok');
    const second = log.request('b');
    log.begin(second, 2);
    log.say(second, 'update_display_data', { data: { 'text/plain': '100%' }, metadata: {}, transient });
    log.reply(second, 'ok');
    const runs = readAll(log);
    assert.deepEqual(shown(runs, 'a'), ['text/plain: 100%']);
    assert.deepEqual(shown(runs, 'b'), []);
    assert.equal(runs.missedDisplay, false);
  });

  it('say when a display is updated that lies before what was read', () => {
    const log = writeLog();
    const id = log.request('b');
    log.begin(id, 2);
    log.say(id, 'update_display_data', { data: {}, metadata: {}, transient: { display_id: 'bar' } });
    assert.equal(readAll(log).missedDisplay, true);
  });

  for (const wait of [false, true]) {
    it(`clear their outputs ${wait ? 'when the next one comes' : 'at once'}`, () => {
      const log = writeLog();
      const id = log.request('a');
      log.begin(id, 1);
      log.print(id, 'old');
      log.say(id, 'clear_output', { wait });
      assert.deepEqual(shown(readAll(log), 'a'), wait ? ['old'] : []);
      log.print(id, 'new');
      assert.deepEqual(shown(readAll(log), 'a'), ['new']);
    });
  }

  it('that were aborted leave the cell with what it showed', () => {
    const log = writeLog();
    log.run('a', 'kept');
    const aborted = log.request('a');
    log.reply(aborted, 'aborted');
    const runs = readAll(log);
    assert.deepEqual(shown(runs, 'a'), ['kept']);
    const told = runs.takeChanged().find(({ id }) => id === aborted)!;
    assert.deepEqual([told.state, told.started, told.success], ['ended', null, null]);
  });

  it('show what a thread prints after the end of its cell', () => {
    const log = writeLog();
    const id = log.run('a', 'first\n');
    const runs = readAll(log);
    runs.takeChanged();
    log.print(id, 'late\n');
    runs.read(log.records.at(-1)!);
    assert.deepEqual(shown(runs, 'a'), ['first\nlate\n']);
    assert.equal(runs.takeChanged().length, 1);
  });

  it('forget the first run of a cell once it runs again', () => {
    const log = writeLog();
    const first = log.run('a', 'one');
    log.run('a', 'two');
    log.print(first, 'late');
    assert.deepEqual(shown(readAll(log), 'a'), ['two']);
  });

  it('wait for an answer until somebody gave one', () => {
    const log = writeLog();
    const id = log.request('a');
    log.begin(id, 1);
    log.say(id, 'input_request', { prompt: 'Name?', password: false });
    const question = log.records.at(-1)!.header.msg_id;
    assert.equal(readAll(log).latest.get('a')?.question?.prompt, 'Name?');
    log.own('answered', { request: question });
    assert.equal(readAll(log).latest.get('a')?.question, null);
  });

  it('say where output was left out', () => {
    const log = writeLog();
    const id = log.request('a');
    log.begin(id, 1);
    log.print(id, 'begin');
    log.own('gap', { from: 5, to: 9, bytes: 12_345_678, reason: 'the log reached its quota' });
    log.print(id, 'end');
    const [text] = shown(readAll(log), 'a');
    assert.match(text!, /^begin\n.*12,345,678 bytes.*the log reached its quota.*\nend$/s);
  });

  it('show what `name?` answers below the cell', () => {
    const log = writeLog();
    const id = log.request('a');
    log.begin(id, 1);
    log.reply(id, 'ok', { payload: [{ source: 'page', data: { 'text/plain': 'Docstring' } }] });
    assert.deepEqual(shown(readAll(log), 'a'), ['text/plain: Docstring']);
  });

  it('end as the gateway says where the records of their end are gone', () => {
    const runs = createRuns();
    runs.know([
      { id: 'x', cell: 'a', state: 'failed', count: 3, first: 1, last: 9, started: '2026-01-01T00:00:01Z', ended: '2026-01-01T00:00:02Z' },
    ] as Execution[]);
    runs.settle(9);
    const { state, success, count, ended } = runs.latest.get('a')!;
    assert.deepEqual([state, success, count, ended], ['ended', false, 3, Date.parse('2026-01-01T00:00:02Z')]);
  });

  it('do not concern cells that were run without being named', () => {
    const log = writeLog();
    const runs = createRuns();
    const other = log.request('a');
    runs.read({ ...log.records.at(-1)!, metadata: {} });
    log.print(other, 'text');
    runs.read(log.records.at(-1)!);
    assert.equal(runs.latest.size, 0);
  });
});
