/** The part that is the same whatever a kernel is reached through: a request goes out, messages come in, an execution ends. */
import { randomUUID } from 'node:crypto';
import type { KernelMessage } from '@bine/shared/kernel-wire';

export type Incoming = Pick<KernelMessage, 'parent_header' | 'content'> & { header: { msg_type: string } };

export type Exchange = {
  /** Resolves with the characters printed, once both the reply and the idle are there. */
  execute(code: string): Promise<number>;
  /** Resolves once the kernel answers and is heard to be idle again. */
  ready(): Promise<void>;
  take(message: Incoming): void;
  /** Whoever waits hears of it. */
  fail(error: Error): void;
};

type Waiting = PromiseWithResolvers<number> & { printed: number; replied: boolean; idle: boolean };

export function createExchange(send: (message: KernelMessage) => void): Exchange {
  const waiting = new Map<string, Waiting>();
  const session = randomUUID();

  function ask(msg_type: string, content: Record<string, unknown>): Promise<number> {
    const msg_id = randomUUID();
    const answer = { ...Promise.withResolvers<number>(), printed: 0, replied: false, idle: false };
    waiting.set(msg_id, answer);
    const header = { msg_id, msg_type, session, username: 'bench', date: new Date().toISOString(), version: '5.4' };
    send({ channel: 'shell', header, parent_header: {}, metadata: {}, content, buffers: [] });
    return answer.promise;
  }

  return {
    execute: (code) => ask('execute_request', { code, silent: false, store_history: true, allow_stdin: false, stop_on_error: true }),
    ready: async () => void (await ask('kernel_info_request', {})),
    take({ header: { msg_type }, parent_header, content }) {
      const answer = waiting.get((parent_header as { msg_id?: string }).msg_id ?? '');
      if (!answer) return;
      if (msg_type === 'stream') answer.printed += (content['text'] as string).length;
      if (msg_type === 'error') answer.reject(new Error(String(content['evalue'])));
      answer.replied ||= msg_type.endsWith('_reply');
      answer.idle ||= msg_type === 'status' && content['execution_state'] === 'idle';
      if (answer.replied && answer.idle) answer.resolve(answer.printed);
    },
    fail(error) {
      for (const answer of waiting.values()) answer.reject(error);
    },
  };
}

/** A way to kernels that is compared with others. */
export type Contestant = AsyncDisposable & {
  name: string;
  /** A new kernel; resolves when it is ready. */
  open(): Promise<OpenKernel>;
};

export type OpenKernel = AsyncDisposable & Pick<Exchange, 'execute'>;
