/** A kernel that ran out of memory: says so once, and offers one with more. */
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import { baseName } from '../files/uri.ts';
import { tell } from '../vs/commands.ts';
import { type KernelLimits, type Limits, gibibytes, moreMemory } from './kernel-limits.ts';
import type { Session } from './session.ts';

export type MemoryOfferDeps = { connection: Pick<Connection, 'client'>; limits: KernelLimits; log: vscode.LogOutputChannel };

export function createMemoryOffer({ connection, log }: MemoryOfferDeps): (session: Session) => void {
  /** Kernels whose end was seen coming: one that had died before is no news. */
  const alive = new WeakMap<Session, string>();

  async function offer(session: Session, { memory, cores, gpus, cause }: Limits & { cause: string }): Promise<void> {
    const { capacity } = await connection.client.system.status({});
    const more = moreMemory({ memory, cores, gpus }, capacity);
    const button = more && `Restart with ${gibibytes(more.memory)}`;
    const message = `${baseName(session.place.path)}: ${cause}`;
    const chosen = await vscode.window.showWarningMessage(message, ...(button ? [button] : []));
    if (chosen && more) await session.resize(more);
  }
  return (session) => {
    const { kernel } = session;
    if (!kernel) return;
    if (kernel.state !== 'dead') {
      alive.set(session, kernel.id);
      return;
    }
    if (alive.get(session) !== kernel.id) return;
    alive.delete(session);
    const { cause } = kernel;
    if (cause && /out of memory|more memory than its limit/i.test(cause))
      offer(session, { ...kernel, cause }).catch((error: unknown) => tell('Restart', error, log));
  };
}
