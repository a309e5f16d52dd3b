/**
 * What the editor asks a kernel beside running cells: completions and descriptions. A kernel answers one question after the
 * other, so that only one is under way, and of those that come meanwhile the latest waits: it is what the user looks at.
 */
import type { KernelMessage, KernelRecord } from '@bine/shared/kernel-wire';
import type { Following } from './following.ts';

export type Answer = Record<string, unknown>;

export type KernelQuestions = {
  /** null: a cell runs, a later question took its place, or nobody waits for the answer any more. */
  ask(request: KernelMessage, signal: AbortSignal): Promise<Answer | null>;
  take(reply: KernelRecord): void;
};

type Question = { request: KernelMessage; signal: AbortSignal; resolve: (answer: Answer | null) => void };

/** Milliseconds after which the answer to a question will not come any more: the connection or the kernel has gone. */
const lost = 20_000;

export function createKernelQuestions(following: Pick<Following, 'current'>): KernelQuestions {
  let underWay: (Question & { given: ReturnType<typeof setTimeout> }) | null = null;
  let waiting: Question | null = null;

  function end(answer: Answer | null): void {
    if (!underWay) return;
    clearTimeout(underWay.given);
    underWay.resolve(answer);
    underWay = null;
    const next = waiting;
    waiting = null;
    if (next) begin(next);
  }

  function begin(question: Question): void {
    const { current } = following;
    if (question.signal.aborted || !current || current.runs.busy || !current.sendNow(question.request)) question.resolve(null);
    else underWay = { ...question, given: setTimeout(end, lost, null) };
  }

  return {
    ask: (request, signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve(null), { once: true });
        const question = { request, signal, resolve };
        if (!underWay) return begin(question);
        waiting?.resolve(null);
        waiting = question;
      }),
    take({ parent_header: parent, content }) {
      if (underWay && parent.msg_id === underWay.request.header.msg_id) end(content);
    },
  };
}
