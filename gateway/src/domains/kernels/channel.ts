/** A client's way to a kernel: what it said since a record and says from now on, and what is sent to it. */
import { Problem } from '@bine/shared/problems';
import type { KernelRecord } from '../../ports/state/kernels.ts';
import type { AttachOptions, LogRecord } from '../../ports/kernel-agent.ts';
import type { RunningKernel } from './running-kernel.ts';

export type KernelChannel = {
  /** Ends when the kernel is over and all of its log was told, or with the signal. */
  records: AsyncIterable<LogRecord>;
  /** Resolves once the message is journalled. @throws Problem `conflict` if the kernel is over */
  send(frames: readonly Uint8Array[]): Promise<void>;
};

/**
 * Of a kernel that is there or coming: what is asked for before it answers waits for it, and until its records are followed, so
 * that whoever sends hears all that comes of it.
 */
export function liveChannel(
  kernel: Pick<RunningKernel, 'supervisor' | 'snapshot' | 'ending'>,
  { since, user, signal }: AttachOptions & { user: string },
): KernelChannel {
  const following = Promise.withResolvers<void>();

  async function* records(): AsyncGenerator<LogRecord> {
    let seen = since;
    try {
      while (!signal.aborted) {
        const supervisor = await kernel.supervisor(signal);
        for await (const record of supervisor.attach({ ...(seen !== undefined && { since: seen }), signal })) {
          following.resolve();
          if (record.seq > 0) seen = record.seq;
          yield record;
        }
        // Without an end of the kernel this was a lost connection: the next one goes on where this one was.
        seen ??= kernel.snapshot().head;
      }
    } finally {
      // What waits to be sent is told by the kernel why it can't be.
      following.resolve();
    }
  }

  async function send(frames: readonly Uint8Array[]): Promise<void> {
    await following.promise;
    refuseOthers(kernel.snapshot(), user);
    const supervisor = await kernel.supervisor(signal);
    // Its supervisor would take the request, and end without running it.
    if (kernel.ending()) throw new Problem('conflict', 'The kernel is being shut down and runs nothing any more. Run this in a new one.');
    await supervisor.request(frames);
  }

  return { records: records(), send };
}

/** What runs in a kernel can read its secrets, and a user's own are for that user alone. */
function refuseOthers(kernel: KernelRecord, user: string): void {
  if (!kernel.private || kernel.user === user) return;
  throw new Problem(
    'missing-role',
    `The kernel has secrets of ${kernel.user}, so only ${kernel.user} may run something in it. Shut it down and start one of your own.`,
  );
}

/** Of a kernel that is over: its log, then the end. */
export function logChannel({ id, state }: KernelRecord, records: AsyncIterable<LogRecord>): KernelChannel {
  return {
    records,
    send: () => Promise.reject(new Problem('conflict', `The kernel ${id} is ${state}: restart it to run something in it.`)),
  };
}
