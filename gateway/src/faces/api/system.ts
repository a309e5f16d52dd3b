/** What the gateway says of itself. */
import type { Health, Status } from '@bine/shared';
import type { Implementer } from './base.ts';

export type System = { health(): Health; status(signal: AbortSignal): Promise<Status> };

export function systemHandlers(os: Implementer, system: System) {
  return {
    health: os.system.health.handler(() => system.health()),
    status: os.system.status.handler(({ signal = new AbortController().signal }) => system.status(signal)),
  };
}
