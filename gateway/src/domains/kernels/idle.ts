/** Ends kernels that nobody has used for as long as their project allows, after a warning. */
import type { RunningKernel } from './running-kernel.ts';

export type IdleParts = {
  running: () => Iterable<RunningKernel>;
  /** Of the project; 0: never. */
  idleMinutes: (projectId: string) => Promise<number>;
  warn: (kernel: RunningKernel, ends: Date) => void;
  now: () => number;
};

export type IdleWatch = {
  /** Looks at every kernel once. */
  sweep(): Promise<void>;
};

const minute = 60_000;
const warnMinutes = 5;

export function createIdleWatch({ running, idleMinutes, warn, now }: IdleParts): IdleWatch {
  /** The activity after which a kernel was warned: any later one makes the warning void. */
  const warned = new WeakMap<RunningKernel, string>();

  async function look(kernel: RunningKernel): Promise<void> {
    const { projectId, state, cause, lastActivity } = kernel.snapshot();
    if (kernel.ending() || (state !== 'idle' && state !== 'dead')) return;
    const minutes = await idleMinutes(projectId);
    if (minutes === 0) return;
    const ends = Date.parse(lastActivity) + minutes * minute;
    const warning = ends - Math.min(warnMinutes, minutes / 10) * minute;
    if (now() >= ends) {
      // One that died stays dead, of what it died of; only its container goes.
      await kernel.end(
        state === 'dead'
          ? { state, cause }
          : { state: 'stopped', cause: `It was idle for ${minutes} minutes, as long as its project allows.` },
      );
    } else if (now() >= warning && state === 'idle' && warned.get(kernel) !== lastActivity) {
      warned.set(kernel, lastActivity);
      warn(kernel, new Date(ends));
    }
  }

  return {
    async sweep() {
      await Promise.all([...running()].map(look));
    },
  };
}
