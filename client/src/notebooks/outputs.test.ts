import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Change, type DataOutput, type Outputs, createOutputs, streamText } from './outputs.ts';

const picture = (name: string): DataOutput => ({
  kind: 'data',
  type: 'display_data',
  data: { name },
  metadata: {},
  count: null,
  displayId: name,
});

/** What somebody shows who does as the changes say. */
function createViewer(outputs: Outputs) {
  const shown = new Map<unknown, string>();
  const textOf = (output: Outputs['all'][number]) => {
    if (output.kind === 'stream') return streamText(output);
    return output.kind === 'data' ? String(output.data['name']) : output.name;
  };
  const follow: Record<Change['do'], (change: never) => void> = {
    reset(change: Extract<Change, { do: 'reset' }>) {
      shown.clear();
      for (const output of change.outputs) shown.set(output, textOf(output));
    },
    add(change: Extract<Change, { do: 'add' }>) {
      for (const output of change.outputs) shown.set(output, textOf(output));
    },
    extend: (change: Extract<Change, { do: 'extend' }>) => shown.set(change.output, shown.get(change.output)! + change.text),
    drop: (change: Extract<Change, { do: 'drop' }>) => [...shown.keys()].slice(change.count).forEach((output) => shown.delete(output)),
    replace: (change: Extract<Change, { do: 'replace' }>) => shown.set(change.output, textOf(change.output)),
  };
  return {
    look() {
      const changes = outputs.take();
      for (const change of changes) follow[change.do](change as never);
      outputs.forget();
      return changes.map((change) => change.do);
    },
    shown: () => [...shown.values()],
  };
}

describe('the outputs of a cell', () => {
  it('are handed out once, and then only what is new', () => {
    const outputs = createOutputs();
    const viewer = createViewer(outputs);
    outputs.print('stdout', 'a\n');
    assert.deepEqual(viewer.look(), ['add']);
    assert.equal(outputs.changed, false);
    outputs.print('stdout', 'b\n');
    outputs.print('stdout', 'c\n');
    assert.deepEqual(viewer.look(), ['extend']);
    outputs.add(picture('p'));
    assert.deepEqual(viewer.look(), ['add']);
    assert.deepEqual(viewer.shown(), ['a\nb\nc\n', 'p']);
  });

  it('replace a progress bar, and what is updated', () => {
    const outputs = createOutputs();
    const viewer = createViewer(outputs);
    const display = picture('old');
    outputs.add(display);
    outputs.print('stderr', ' 10%');
    viewer.look();
    outputs.print('stderr', '\r 20%');
    outputs.update(display, { name: 'new' }, {});
    assert.deepEqual(viewer.look(), ['replace', 'replace']);
    assert.deepEqual(viewer.shown(), ['new', ' 20%']);
  });

  it('are cleared and filled in one step, so that an animation does not flicker', () => {
    const outputs = createOutputs();
    const viewer = createViewer(outputs);
    outputs.add(picture('frame 1'));
    viewer.look();
    outputs.clear(true);
    assert.deepEqual(viewer.look(), []);
    outputs.add(picture('frame 2'));
    assert.deepEqual(viewer.look(), ['reset']);
    assert.deepEqual(viewer.shown(), ['frame 2']);
  });

  it('no longer know what was cleared', () => {
    const outputs = createOutputs();
    const display = picture('p');
    outputs.add(display);
    outputs.clear(false);
    assert.equal(outputs.update(display, {}, {}), false);
  });

  it('go on in another output when a stream is long, at the beginning of a line', () => {
    const outputs = createOutputs();
    const viewer = createViewer(outputs);
    const line = `${'x'.repeat(99)}\n`;
    for (let count = 0; count < 25_000; count++) {
      outputs.print('stdout', line);
      if (count % 500 === 0) viewer.look();
    }
    viewer.look();
    assert.equal(viewer.shown().length, 3);
    assert.ok(viewer.shown().every((text) => text.endsWith('\n')));
    assert.equal(viewer.shown().join(''), line.repeat(25_000));
  });

  it('keep 20,000 lines complete and in order, however often they are looked at', () => {
    const outputs = createOutputs();
    const viewer = createViewer(outputs);
    const lines = Array.from({ length: 20_000 }, (_, line) => `line ${line}\n`);
    for (const [index, line] of lines.entries()) {
      outputs.print('stdout', line);
      if (index % 17 === 0) viewer.look();
    }
    viewer.look();
    assert.equal(viewer.shown().join(''), lines.join(''));
  });
});
