/** The requests that a notebook sends to its kernel. */
import type { Header, KernelMessage } from '@bine/shared/kernel-wire';
import type { Question } from '@bine/client/notebooks/run';

/** One for each window, as Jupyter wants it. */
const session = crypto.randomUUID();

function message(channel: KernelMessage['channel'], type: string, content: Record<string, unknown>): KernelMessage {
  const header: Header = {
    msg_id: crypto.randomUUID(),
    msg_type: type,
    session,
    username: 'bine',
    date: new Date().toISOString(),
    version: '5.3',
  };
  return { channel, header, parent_header: {}, metadata: {}, content, buffers: [] };
}

/** @param batch what all cells of one Run have in common: when one of them fails, the rest is not run */
export function executeRequest({ code, cell, batch }: { code: string; cell: string; batch: string }): KernelMessage {
  const content = { code, silent: false, store_history: true, user_expressions: {}, allow_stdin: true, stop_on_error: true };
  return { ...message('shell', 'execute_request', content), metadata: { cellId: cell, batch } };
}

export function inputReply({ header }: Question, value: string): KernelMessage {
  return { ...message('stdin', 'input_reply', { value, status: 'ok' }), parent_header: header };
}

/** `offset` counts Unicode characters, not UTF-16 units. */
export function completeRequest(code: string, offset: number): KernelMessage {
  return message('shell', 'complete_request', { code, cursor_pos: offset });
}

export function inspectRequest(code: string, offset: number): KernelMessage {
  return message('shell', 'inspect_request', { code, cursor_pos: offset, detail_level: 0 });
}
