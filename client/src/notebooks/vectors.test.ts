/** The table that the runner of jobs is held to as well: `images/supervisor/tests/test_outputs.py`. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import vectors from '../../../test/vectors/notebook-outputs.json' with { type: 'json' };
import { notebookOutputs } from './nbformat.ts';
import { streamText } from './outputs.ts';
import { writeLog } from './records.fixture.ts';
import { createRuns } from './runs.ts';

type Vector = { name: string; messages: { type: string; content: Record<string, unknown>; cell?: string }[]; outputs: unknown[] };

/** Texts whole, as the table has them. */
function joined(output: object): object {
  const whole = (value: unknown) => (Array.isArray(value) && value.every((line) => typeof line === 'string') ? value.join('') : value);
  if ('text' in output) return { ...output, text: whole(output.text) };
  if (!('data' in output)) return output;
  return { ...output, data: Object.fromEntries(Object.entries(output.data as object).map(([mime, value]) => [mime, whole(value)])) };
}

function play({ messages }: Vector, look: (runs: ReturnType<typeof createRuns>) => void) {
  const log = writeLog();
  const ids: Record<string, string> = { a: log.request('a'), b: log.request('b') };
  for (const id of Object.values(ids)) log.begin(id, 1);
  for (const { type, content, cell = 'a' } of messages) log.say(ids[cell]!, type, content);
  for (const id of Object.values(ids)) log.reply(id, 'ok');
  const runs = createRuns();
  for (const record of log.records) {
    runs.read(record);
    look(runs);
  }
  return runs.latest.get('a')!;
}

describe('the collector of outputs', () => {
  for (const vector of vectors as Vector[]) {
    it(vector.name, () => {
      const run = play(vector, () => {});
      assert.deepEqual(notebookOutputs(run.outputs.all).map(joined), vector.outputs);
    });

    it(`${vector.name}, when every change is shown at once`, () => {
      let shown: { text: string; output: unknown }[] = [];
      const run = play(vector, (runs) => {
        for (const change of runs.latest.get('a')?.outputs.take() ?? []) {
          if (change.do === 'reset') shown = [];
          if (change.do === 'drop') shown = shown.slice(0, change.count);
          if (change.do === 'add' || change.do === 'reset') shown.push(...change.outputs.map((output) => ({ output, text: '' })));
          for (const one of shown) {
            const output = one.output as Parameters<typeof streamText>[0];
            if (change.do === 'extend' && change.output === output) one.text += change.text;
            else if (
              (change.do === 'replace' && change.output === output) ||
              ((change.do === 'add' || change.do === 'reset') && change.outputs.includes(output))
            )
              one.text = output.kind === 'stream' ? streamText(output) : '';
          }
        }
      });
      assert.deepEqual(
        shown.map(({ output }) => output),
        run.outputs.all,
      );
      assert.deepEqual(
        shown.map(({ text }) => text),
        run.outputs.all.map((output) => (output.kind === 'stream' ? streamText(output) : '')),
      );
    });
  }
});
