/** One execution of a cell, as far as the log has been read, and what each message does to it. */
import type { Header, KernelRecord, SupervisorContent } from '@bine/shared/kernel-wire';
import { type Content, bundle, integer, metadata, pieceOfText, record, text } from './content.ts';
import { type DataOutput, type ErrorOutput, type Outputs, createOutputs } from './outputs.ts';

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
  /** What its reply says of a failure. */
  failure: ErrorOutput | null;
};

export function createRun(id: string, cell: string): Run {
  const nothing = { started: null, ended: null, count: null, success: null, question: null, failure: null };
  return { id, cell, outputs: createOutputs(), state: 'queued', ...nothing, touched: 0, replied: false, idle: false };
}

export function startRun(run: Run, time: number): void {
  if (run.state === 'queued') Object.assign(run, { state: 'running', started: time });
}

export function endRun(run: Run, time: number | null): void {
  if (run.state === 'ended') return;
  Object.assign(run, { state: 'ended', ended: time, question: null });
  // A cell that failed must not look as if it had done nothing.
  if (run.failure && run.started !== null && run.outputs.all.length === 0) run.outputs.add(run.failure);
  run.failure = null;
}

/** What a message does to the run that is its parent. A display that it makes is handed to `displayed`. */
export function readMessage(run: Run, record: KernelRecord, displayed: (output: DataOutput) => void): void {
  const { header, content, time } = record;
  run.touched = time / 1000;
  messages[header.msg_type]?.({ run, content, time: time / 1000, header, displayed });
}

/** Says where in the output something was dropped, and how much. */
export function leaveOut(run: Run, { bytes, reason }: SupervisorContent['gap']): void {
  const before = run.outputs.atLineStart ? '' : '\n';
  run.outputs.print('stdout', `${before}\u001b[2m… ${bytes.toLocaleString('en')} bytes are left out here: ${reason} …\u001b[22m\n`);
}

type Said = { run: Run; content: Content; time: number; header: Header; displayed: (output: DataOutput) => void };

const messages: Record<string, (said: Said) => void> = {
  execute_input({ run, content, time }) {
    run.count = integer(content['execution_count']) ?? run.count;
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
    run.count = integer(content['execution_count']) ?? run.count;
    if (run.state === 'running') run.success = content['status'] === 'aborted' ? null : content['status'] === 'ok';
    if (content['status'] === 'error') run.failure = errorOf(content);
    for (const payload of Array.isArray(content['payload']) ? content['payload'].map(record) : []) {
      // What `name?` answers: meant for a pager, shown below the cell.
      if (payload['source'] === 'page') display({ ...said, content: { data: payload['data'] } }, 'display_data');
    }
    if (run.idle) endRun(run, time);
  },
  stream: ({ run, content }) => run.outputs.print(content['name'] === 'stderr' ? 'stderr' : 'stdout', pieceOfText(content['text'])),
  display_data: (said) => display(said, 'display_data'),
  execute_result: (said) => display(said, 'execute_result'),
  error: ({ run, content }) => run.outputs.add(errorOf(content)),
  clear_output: ({ run, content }) => run.outputs.clear(content['wait'] === true),
  input_request({ run, content, header }) {
    run.question = { header, prompt: text(content['prompt']), password: content['password'] === true };
  },
};

function display({ run, content, displayed }: Said, type: DataOutput['type']): void {
  const { display_id: id } = record(content['transient']);
  const output: DataOutput = {
    kind: 'data',
    type,
    data: bundle(content['data']),
    metadata: metadata(content['metadata']),
    count: type === 'execute_result' ? integer(content['execution_count']) : null,
    displayId: typeof id === 'string' ? id : null,
  };
  run.outputs.add(output);
  displayed(output);
}

function errorOf(content: Content): ErrorOutput {
  const { traceback } = content;
  const [name, value] = [text(content['ename']), text(content['evalue'])];
  const lines = Array.isArray(traceback) ? traceback.map(text) : text(traceback).split('\n').filter(Boolean);
  const isMute = name === '' && value === '' && lines.length === 0;
  return { kind: 'error', name: name || 'Error', value: isMute ? 'The kernel did not say what failed.' : value, traceback: lines };
}
