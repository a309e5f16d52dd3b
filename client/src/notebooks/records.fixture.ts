/** Writes a kernel's log as the supervisor would, for tests that read it. */
import type { Channel, Header, KernelRecord } from '@bine/shared/kernel-wire';

export type LogWriter = {
  readonly records: KernelRecord[];
  readonly head: number;
  /** Moves the clock, in milliseconds. */
  at(time: number): void;
  /** The request of a cell; answers its msg_id. */
  request(cell: string, id?: string): string;
  begin(id: string, count: number): void;
  say(parent: string, type: string, content: Record<string, unknown>): void;
  print(parent: string, text: string, name?: 'stdout' | 'stderr'): void;
  reply(id: string, status: 'ok' | 'error' | 'aborted', more?: Record<string, unknown>): void;
  /** Begins, prints, ends. */
  run(cell: string, text: string, count?: number): string;
  own(type: string, content: Record<string, unknown>): void;
};

export function writeLog(since = 0): LogWriter {
  const records: KernelRecord[] = [];
  let now = 1_000_000;
  let head = since;
  const header = (type: string, id: string): Header => ({
    msg_id: id,
    msg_type: type,
    session: 's',
    username: 'k',
    date: '',
    version: '5.3',
  });

  function write(channel: Channel, type: string, rest: Partial<KernelRecord> & { id?: string; parent?: string }): void {
    const { id, parent, ...given } = rest;
    head += 1;
    records.push({
      seq: head,
      time: now * 1000,
      channel,
      header: header(type, id ?? `m${head}`),
      parent_header: parent === undefined ? {} : header('execute_request', parent),
      metadata: {},
      content: {},
      buffers: [],
      ...given,
    });
  }

  const log: LogWriter = {
    records,
    get head() {
      return head;
    },
    at: (time) => (now = time),
    request(cell, id = `run-${head + 1}`) {
      write('shell', 'execute_request', { id, metadata: { cellId: cell }, content: { code: '', silent: false } });
      return id;
    },
    begin(id, count) {
      write('iopub', 'status', { parent: id, content: { execution_state: 'busy' } });
      write('iopub', 'execute_input', { parent: id, content: { code: '', execution_count: count } });
    },
    say: (parent, type, content) =>
      write(type === 'input_request' ? 'stdin' : 'iopub', type, { parent, content, id: `${type}-${head + 1}` }),
    print: (parent, text, name = 'stdout') => write('iopub', 'stream', { parent, content: { name, text } }),
    reply(id, status, more = {}) {
      write('shell', 'execute_reply', { parent: id, content: { status, ...more } });
      write('iopub', 'status', { parent: id, content: { execution_state: 'idle' } });
    },
    run(cell, text, count = 1) {
      const id = log.request(cell);
      log.begin(id, count);
      log.print(id, text);
      log.reply(id, 'ok');
      return id;
    },
    own: (type, content) => write('supervisor', type, { content }),
  };
  return log;
}
