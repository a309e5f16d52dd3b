/** Asks a kernel which modules it has loaded, behind the user's back: nothing of it is shown, counted or stored in its history. */
import type { LogRecord, Supervisor } from '../../ports/kernel-agent.ts';
import { newId } from '../../lib/id.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Those of `names` that are loaded, once the kernel has come to the question: it waits behind the cells that were sent before. */
export async function loadedModules(supervisor: Supervisor, names: string[], signal: AbortSignal): Promise<string[]> {
  const id = newId();
  for await (const record of supervisor.attach({ signal })) {
    const [, header, parent, , content] = record.frames;
    const type = field(header, 'msg_type');
    if (type === 'attached') await supervisor.request(question(id, names));
    if (type === 'execute_reply' && field(parent, 'msg_id') === id) return answer(content).filter((name) => names.includes(name));
  }
  return [];
}

function question(id: string, names: string[]): Uint8Array[] {
  const header = {
    msg_id: id,
    msg_type: 'execute_request',
    session: 'bine',
    username: 'bine',
    date: new Date().toISOString(),
    version: '5.3',
  };
  const loaded = `[name for name in ${JSON.stringify(names)} if name in __import__('sys').modules]`;
  const silent = { silent: true, store_history: false, allow_stdin: false, stop_on_error: false };
  const content = { code: '', ...silent, user_expressions: { loaded } };
  return [encoder.encode('shell'), ...[header, {}, {}, content].map((part) => encoder.encode(JSON.stringify(part)))];
}

type Frame = LogRecord['frames'][number] | undefined;

/** What a kernel says is not to be trusted to be anything. */
function parse(frame: Frame): Record<string, unknown> {
  try {
    return (JSON.parse(decoder.decode(frame)) ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function field(frame: Frame, name: string): unknown {
  return parse(frame)[name];
}

/** The list as Python shows it. */
function answer(content: Frame): string[] {
  const { user_expressions: expressions } = parse(content) as { user_expressions?: { loaded?: { data?: Record<string, unknown> } } };
  const text = expressions?.loaded?.data?.['text/plain'];
  return typeof text === 'string' ? [...text.matchAll(/'([^']*)'/g)].map(([, name]) => name!) : [];
}
