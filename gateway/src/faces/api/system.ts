/** What the gateway says of itself. */
import type { System } from '../../domains/system/system.ts';
import type { Implementer } from './base.ts';

export function systemHandlers(os: Implementer, system: System) {
  return {
    health: os.system.health.handler(() => system.health()),
    status: os.system.status.handler(({ signal = new AbortController().signal }) => system.status(signal)),
  };
}
