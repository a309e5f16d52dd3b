/** What the gateway says of itself. */
import type { CapacityView } from '../../domains/capacity/capacity.ts';
import type { System } from '../../domains/system/system.ts';
import type { Implementer } from './base.ts';

export function systemHandlers(os: Implementer, system: System, capacity: CapacityView) {
  return {
    health: os.system.health.handler(() => system.health()),
    status: os.system.status.handler(({ signal = new AbortController().signal }) => system.status(signal)),
    capacity: os.system.capacity.handler(({ context }) => capacity.overview(context.principal)),
  };
}
