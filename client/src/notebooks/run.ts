/** One execution of a cell, as far as the log has been read, and what each message does to it. */
import type { Header, KernelRecord, SupervisorContent } from '@bine/shared/kernel-wire';
import { type Bundle, type DataOutput, type Outputs, createOutputs } from './outputs.ts';

/** What `input()` or `getpass()` waits for, and the header that the answer belongs to. */
export type Question = { header: Header; prompt: string; password: boolean };

/** Times are milliseconds since 1970 by the kernel's clock. */
export type Run = {
  /** The msg_id of its `execute_request`. */
  readonly id: string;
  readonly cell: string;
  readonly outputs: Outputs;
  state: 'queued' | 'running' | 'ended';
  started: number | null;
  ended: number | null;
  /** `In [count]` */
  count: number | null;
  /** null: it was not run, or not to its end. */
  success: boolean | null;
  /** When anything about it was last said. */
  touched: number;
  question: Question | null;
  /** The two halves of an end. */
  replied: boolean;
  idle: boolean;
};

export type Content = Record<string, unknown>;

export function createRun(id: string, cell: string): Run {
  const nothing = { started: null, ended: null, count: null, success: null, question: null };
  return { id, cell, outputs: createOutputs(), state: 'queued', ...nothing, touched: 0, replied: false, idle: false };
}

export function startRun(run: Run, time: number): void {
  if (run.state === 'queued') Object.assign(run, { state: 'running', started: time });
}

export function endRun(run: Run, time: number | null): void {
  if (run.state !== 'ended') Object.assign(run, { state: 'ended', ended: time, question: null });
}

/** What a message does to the run that is its parent. A display that it makes is handed to `displayed`. */
export function readMessage(run: Run, record: KernelRecord, displayed: (output: DataOutput) => void): void {
  const { header, content, time } = record;
  run.touched = time / 1000;
  messages[header.msg_type]?.({ run, content, time: time / 1000, header, displayed });
}

export const bundle = (value: unknown): Bundle => (value && typeof value === 'object' ? (value as Bundle) : {});

/** Says where in the output something was dropped, and how much. */
export function leaveOut(run: Run, { bytes, reason }: SupervisorContent['gap']): void {
  const last = run.outputs.all.at(-1);
  const before = last?.kind === 'stream' && last.name === 'stdout' && !last.text.atLineStart ? '\n' : '';
  run.outputs.print('stdout', `${before}\u001b[2m… ${bytes.toLocaleString('en')} bytes are left out here: ${reason} …\u001b[22m\n`);
}

type Said = { run: Run; content: Content; time: number; header: Header; displayed: (output: DataOutput) => void };

const messages: Record<string, (said: Said) => void> = {
  execute_input({ run, content, time }) {
    run.count = number(content['execution_count']) ?? run.count;
    startRun(run, time);
  },
  status({ run, content, time }) {
    if (content['execution_state'] === 'busy') startRun(run, time);
    if (content['execution_state'] !== 'idle') return;
    run.idle = true;
    if (run.replied) endRun(run, time);
  },
  execute_reply(said) {
    const { run, content, time } = said;
    if (run.replied) return;
    run.replied = true;
    run.count = number(content['execution_count']) ?? run.count;
    if (run.state === 'running') run.success = content['status'] === 'aborted' ? null : content['status'] === 'ok';
    for (const payload of Array.isArray(content['payload']) ? content['payload'].map(bundle) : []) {
      // What `name?` answers: meant for a pager, shown below the cell.
      if (payload['source'] === 'page') display({ ...said, content: { data: payload['data'] } }, 'display_data');
    }
    if (run.idle) endRun(run, time);
  },
  stream: ({ run, content }) => run.outputs.print(content['name'] === 'stderr' ? 'stderr' : 'stdout', text(content['text'])),
  display_data: (said) => display(said, 'display_data'),
  execute_result: (said) => display(said, 'execute_result'),
  error({ run, content }) {
    const traceback = Array.isArray(content['traceback']) ? content['traceback'].map(String) : [];
    run.outputs.add({ kind: 'error', name: text(content['ename']), value: text(content['evalue']), traceback });
  },
  clear_output: ({ run, content }) => run.outputs.clear(content['wait'] === true),
  input_request({ run, content, header }) {
    run.question = { header, prompt: text(content['prompt']), password: content['password'] === true };
  },
};

function display({ run, content, displayed }: Said, type: DataOutput['type']): void {
  const { display_id: id } = bundle(content['transient']);
  const output: DataOutput = {
    kind: 'data',
    type,
    data: bundle(content['data']),
    metadata: bundle(content['metadata']),
    count: type === 'execute_result' ? number(content['execution_count']) : null,
    displayId: typeof id === 'string' ? id : null,
  };
  run.outputs.add(output);
  displayed(output);
}

function text(value: unknown): string {
  if (Array.isArray(value)) return value.join('');
  return typeof value === 'string' ? value : '';
}

function number(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
