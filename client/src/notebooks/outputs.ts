/** The outputs of one cell as they grow, and what changed in them since they were last shown. */
import { type TerminalText, createTerminalText } from './terminal-text.ts';

/** MIME type → content, as Jupyter sends it: text, base64 or JSON. */
export type Bundle = Record<string, unknown>;

export type StreamOutput = { kind: 'stream'; name: 'stdout' | 'stderr'; text: TerminalText };
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
  /** More text behind what a stream shows. */
  | { do: 'extend'; output: StreamOutput; text: string }
  /** Shown already, and different now. */
  | { do: 'replace'; output: StreamOutput | DataOutput };

export type Outputs = {
  print(name: StreamOutput['name'], text: string): void;
  add(output: DataOutput | ErrorOutput): void;
  /** `output` is one of these, maybe no longer. Answers whether it still is. */
  update(output: DataOutput, data: Bundle, metadata: Record<string, unknown>): boolean;
  /** `wait`: when the next output arrives. */
  clear(wait: boolean): void;
  readonly all: readonly Output[];
  readonly changed: boolean;
  /** What changed since the last call. */
  take(): Change[];
  /** Drops the content of what is shown, but for the text that more may follow. */
  forget(): void;
};

/** A longer stream goes on in another output, which VS Code joins to it: adding to one costs as much as there is. */
const longest = 1 << 20;

export function createOutputs(): Outputs {
  let all: Output[] = [];
  /** How many from the beginning have no content any more. */
  let forgotten = 0;
  let clearing = false;
  let reset = false;
  let added = new Set<Output>();
  let touched = new Set<StreamOutput | DataOutput>();

  function clear(): void {
    clearing = false;
    reset ||= all.length > 0;
    all = [];
    forgotten = 0;
    added = new Set();
    touched = new Set();
  }

  function add(output: Output): void {
    if (clearing) clear();
    all.push(output);
    added.add(output);
  }

  function streamFor(name: StreamOutput['name']): StreamOutput {
    const last = all.at(-1);
    if (!clearing && last?.kind === 'stream' && last.name === name && !(last.text.length > longest && last.text.atLineStart)) return last;
    const output: StreamOutput = { kind: 'stream', name, text: createTerminalText() };
    add(output);
    return output;
  }

  function touch(output: StreamOutput | DataOutput): void {
    if (!added.has(output)) touched.add(output);
  }

  return {
    print(name, text) {
      if (text === '') return;
      const output = streamFor(name);
      output.text.write(text);
      touch(output);
    },
    add,
    update(output, data, metadata) {
      if (!all.includes(output)) return false;
      Object.assign(output, { data, metadata });
      touch(output);
      return true;
    },
    clear(wait) {
      if (wait) clearing = true;
      else clear();
    },
    get all() {
      return all;
    },
    get changed() {
      return reset || added.size > 0 || touched.size > 0;
    },
    take() {
      const changes: Change[] = [];
      for (const output of touched) changes.push(...changesOf(output));
      if (reset) changes.push({ do: 'reset', outputs: [...added] });
      else if (added.size > 0) changes.push({ do: 'add', outputs: [...added] });
      for (const output of added) if (output.kind === 'stream') output.text.take();
      reset = false;
      added = new Set();
      touched = new Set();
      return changes;
    },
    forget() {
      for (const output of all.slice(forgotten, -1)) drop(output);
      forgotten = Math.max(0, all.length - 1);
      const last = all.at(-1);
      if (last?.kind === 'data') drop(last);
    },
  };
}

function changesOf(output: StreamOutput | DataOutput): Change[] {
  if (output.kind === 'data') return [{ do: 'replace', output }];
  const more = output.text.take();
  if (more === null) return [{ do: 'replace', output }];
  return more === '' ? [] : [{ do: 'extend', output, text: more }];
}

function drop(output: Output): void {
  if (output.kind === 'data') output.data = {};
  else if (output.kind === 'stream') output.text = createTerminalText();
}
