/** What a cell printed between two other outputs, as outputs that grow and change as its terminal does. */
import type { Segment, StreamName } from './screen.ts';
import { plainPen } from './sgr.ts';
import { createTerminal } from './terminal.ts';

export type StreamOutput = {
  kind: 'stream';
  name: StreamName;
  /** What no longer changes, and what may. */
  settled: string;
  live: string;
};

export type BlockChange =
  | { do: 'extend'; output: StreamOutput; text: string }
  | { do: 'replace'; output: StreamOutput }
  /** Only so many of those that were handed out are left. */
  | { do: 'drop'; count: number };

export type StreamBlock = {
  print(name: StreamName, text: string): void;
  /** As of now. */
  readonly outputs: readonly StreamOutput[];
  readonly atLineStart: boolean;
  readonly changed: boolean;
  /** What became of the outputs that were handed out before, and those that are handed out for the first time. */
  take(): { changes: BlockChange[]; added: StreamOutput[] };
  /** Drops the text of what was handed out and cannot change any more. `isOver`: nothing will be printed here. */
  forget(isOver: boolean): void;
};

export function streamText({ settled, live }: StreamOutput): string {
  return settled + live;
}

/** A longer stream goes on in another output, which VS Code joins to it: adding to one costs as much as there is. Characters. */
const longest = 1 << 20;

/** What somebody shows of an output: all that had settled by then, and this. `fresh` has settled since. */
type Shown = { name: StreamName; live: string; fresh: string };

export function createStreamBlock(): StreamBlock {
  const terminal = createTerminal();
  let outputs: StreamOutput[] = [];
  const shown: Shown[] = [];
  /** The last output with settled text, and its colours. */
  let last = -1;
  let pen = plainPen;
  let isDirty = false;
  let forgotten = 0;

  function place(index: number, name: StreamName): StreamOutput {
    const output = (outputs[index] ??= { kind: 'stream', name, settled: '', live: '' });
    output.name = name;
    return output;
  }

  const isOpen = (name: StreamName) => last >= 0 && outputs[last]!.name === name && outputs[last]!.settled.length <= longest;

  function settle(segments: readonly Segment[]): void {
    for (const segment of segments) {
      if (last >= 0) outputs[last]!.live = '';
      if (!isOpen(segment.name)) last++;
      place(last, segment.name).settled += segment.text;
      if (last < shown.length) shown[last]!.fresh += segment.text;
      pen = segment.pen;
    }
  }

  /** Brings the outputs up to date with the screen. */
  function sync(): void {
    if (!isDirty) return;
    isDirty = false;
    const segments = terminal.segments(pen).filter(({ text }) => text !== '');
    let at = last;
    if (last >= 0) outputs[last]!.live = '';
    for (const [index, { name, text }] of segments.entries()) {
      if (index > 0 || !isOpen(name)) at++;
      place(at, name).live = text;
    }
    outputs = outputs.slice(0, at + 1);
  }

  function* changesOf(index: number): Iterable<BlockChange> {
    const [output, seen] = [outputs[index]!, shown[index]!];
    const now = seen.fresh + output.live;
    if (output.name !== seen.name || !now.startsWith(seen.live)) yield { do: 'replace', output };
    else if (now.length > seen.live.length) yield { do: 'extend', output, text: now.slice(seen.live.length) };
  }

  return {
    print(name, text) {
      terminal.write(name, text);
      isDirty = true;
      settle(terminal.takeSettled(pen));
    },
    get outputs() {
      sync();
      return outputs;
    },
    get atLineStart() {
      return terminal.atLineStart;
    },
    get changed() {
      return isDirty;
    },
    take() {
      sync();
      const changes: BlockChange[] = [];
      if (outputs.length < shown.length) changes.push({ do: 'drop', count: outputs.length });
      shown.length = Math.min(shown.length, outputs.length);
      for (let index = forgotten; index < shown.length; index++) changes.push(...changesOf(index));
      const added = outputs.slice(shown.length);
      for (let index = forgotten; index < outputs.length; index++) {
        const { name, live } = outputs[index]!;
        shown[index] = { name, live, fresh: '' };
      }
      return { changes, added };
    },
    forget(isOver) {
      for (; forgotten < Math.min(isOver ? shown.length : last, shown.length); forgotten++)
        Object.assign(outputs[forgotten]!, { settled: '', live: '' });
    },
  };
}
