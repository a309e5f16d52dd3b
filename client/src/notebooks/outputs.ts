/** The outputs of one cell as they grow, and what changed in them since they were last shown. */
import type { StreamName } from './screen.ts';
import { type BlockChange, type StreamBlock, type StreamOutput, createStreamBlock } from './stream-block.ts';

export { streamText } from './stream-block.ts';
export type { StreamOutput } from './stream-block.ts';

/** MIME type → content, as Jupyter sends it: text, base64 or JSON. */
export type Bundle = Record<string, unknown>;

export type DataOutput = {
  kind: 'data';
  type: 'display_data' | 'execute_result';
  data: Bundle;
  metadata: Record<string, unknown>;
  /** Only of a result: its `Out[count]`. */
  count: number | null;
  /** What `update_display_data` calls it. */
  displayId: string | null;
};
export type ErrorOutput = { kind: 'error'; name: string; value: string; traceback: string[] };
export type Output = StreamOutput | DataOutput | ErrorOutput;

export type Change =
  /** These are all there are. */
  | { do: 'reset'; outputs: Output[] }
  | { do: 'add'; outputs: Output[] }
  /** Shown already, and different now. */
  | { do: 'replace'; output: StreamOutput | DataOutput }
  /** `extend`: more text behind what a stream shows. `drop`: only so many are left. */
  | BlockChange;

export type Outputs = {
  print(name: StreamName, text: string): void;
  add(output: DataOutput | ErrorOutput): void;
  /** `output` is one of these, maybe no longer. Answers whether it still is. */
  update(output: DataOutput, data: Bundle, metadata: Record<string, unknown>): boolean;
  /** `wait`: when the next output arrives. */
  clear(wait: boolean): void;
  readonly all: readonly Output[];
  /** Whether what is printed next begins a line. */
  readonly atLineStart: boolean;
  readonly hasError: boolean;
  readonly changed: boolean;
  /** What changed since the last call. */
  take(): Change[];
  /** Drops the content of what is shown, but for the text that may still change. */
  forget(): void;
};

/** Text between two other outputs is one terminal. */
type Entry = { output: DataOutput | ErrorOutput } | { block: StreamBlock };

const outputsOf = (entry: Entry): readonly Output[] => ('block' in entry ? entry.block.outputs : [entry.output]);

export function createOutputs(): Outputs {
  let entries: Entry[] = [];
  /** How many entries, and outputs in them, were taken; the last of these entries may still change. */
  let taken = { entries: 0, before: 0 };
  let clearing = false;
  let reset = false;
  let touched = new Set<DataOutput>();
  let known = new Set<Output>();
  let forgotten = 0;

  function clear(): void {
    clearing = false;
    reset ||= taken.entries > 0;
    entries = [];
    taken = { entries: 0, before: 0 };
    touched = new Set();
    known = new Set();
    forgotten = 0;
  }

  const lastBlock = (): StreamBlock | null => {
    const last = entries.at(-1);
    return last && 'block' in last ? last.block : null;
  };

  function blockToPrint(): StreamBlock {
    if (clearing) clear();
    const last = lastBlock();
    if (last) return last;
    const block = createStreamBlock();
    entries.push({ block });
    return block;
  }

  /** Of the last entry that was taken, and of all since. */
  function takeEntries(): { changes: Change[]; added: Output[] } {
    const [changes, added]: [Change[], Output[]] = [[], []];
    let { before } = taken;
    const first = Math.max(0, taken.entries - 1);
    for (const [index, entry] of entries.slice(first).entries()) {
      if ('block' in entry) {
        const news = entry.block.take();
        changes.push(...news.changes.map((change) => (change.do === 'drop' ? { ...change, count: before + change.count } : change)));
        added.push(...news.added);
      } else if (first + index >= taken.entries) {
        added.push(entry.output);
      }
      if (first + index < entries.length - 1) before += outputsOf(entry).length;
    }
    taken = { entries: entries.length, before };
    return { changes, added };
  }

  return {
    print(name, text) {
      if (text !== '') blockToPrint().print(name, text);
    },
    add(output) {
      if (clearing) clear();
      entries.push({ output });
      known.add(output);
    },
    update(output, data, metadata) {
      if (!known.has(output)) return false;
      Object.assign(output, { data, metadata });
      touched.add(output);
      return true;
    },
    clear(wait) {
      if (wait) clearing = true;
      else clear();
    },
    get all() {
      return entries.flatMap(outputsOf);
    },
    get atLineStart() {
      return lastBlock()?.atLineStart ?? true;
    },
    get hasError() {
      return entries.some((entry) => 'output' in entry && entry.output.kind === 'error');
    },
    get changed() {
      return reset || touched.size > 0 || entries.length > taken.entries || (lastBlock()?.changed ?? false);
    },
    take() {
      const { changes, added } = takeEntries();
      const fresh = new Set(added);
      for (const output of touched) if (!fresh.has(output)) changes.push({ do: 'replace', output });
      if (reset) changes.push({ do: 'reset', outputs: added });
      else if (added.length > 0) changes.push({ do: 'add', outputs: added });
      reset = false;
      touched = new Set();
      return changes;
    },
    forget() {
      for (const [index, entry] of entries.slice(forgotten).entries()) {
        if ('output' in entry && entry.output.kind === 'data') entry.output.data = {};
        else if ('block' in entry) entry.block.forget(forgotten + index < entries.length - 1);
      }
      forgotten = Math.max(0, entries.length - 1);
    },
  };
}
