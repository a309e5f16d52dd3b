/** The procedures of kernels. Their messages travel over a socket of their own. */
import type { Kernels } from '../../domains/kernels/kernels.ts';
import type { Implementer } from './base.ts';

/** Where the client's own signal is missing, the operation's deadline is all there is. */
const never = new AbortController().signal;

export function kernelHandlers(os: Implementer, kernels: Kernels) {
  return {
    start: os.kernels.start.handler(({ input, context }) => kernels.start(input, context.principal.user)),
    list: os.kernels.list.handler(({ input }) => kernels.list(input.project, { ended: input.ended })),
    get: os.kernels.get.handler(({ input }) => kernels.get(input)),
    executions: os.kernels.executions.handler(({ input }) => kernels.executions(input)),
    interrupt: os.kernels.interrupt.handler(async ({ input, signal = never }) => {
      await kernels.interrupt(input, signal);
      return {};
    }),
    restart: os.kernels.restart.handler(({ input, signal = never }) => kernels.restart(input, signal)),
    shutdown: os.kernels.shutdown.handler(({ input, context }) => kernels.shutdown(input, context.principal.user)),
  };
}
