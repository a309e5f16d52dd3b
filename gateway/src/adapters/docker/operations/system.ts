/** The engine itself: who it is, what the machine has, what happens in it. */
import { fields, labelFilter, labels, list, number, text } from '../operation.ts';
import type { Operation, StreamOperation } from '../operation.ts';

export type EngineInfo = {
  name: string;
  version: string;
  apiVersion: string;
  cores: number;
  /** Bytes. */
  memory: number;
  /** Whether the engine can hand GPUs to containers. */
  gpuRuntime: boolean;
};

export type ContainerEvent = {
  /** `start`, `die`, `oom`, `destroy`, … */
  action: string;
  container: string;
  labels: Record<string, string>;
};

export function version(): Operation<Pick<EngineInfo, 'name' | 'version' | 'apiVersion'>> {
  return {
    what: 'say its version',
    method: 'GET',
    path: '/version',
    deadline: 10_000,
    parse: (answer) => {
      const engine = fields(answer);
      const components = list(engine.Components).map((component) => text(fields(component).Name));
      const podman = components.some((component) => /podman/i.test(component));
      return { name: podman ? 'Podman' : 'Docker', version: text(engine.Version), apiVersion: text(engine.ApiVersion) };
    },
  };
}

export function machine(): Operation<Pick<EngineInfo, 'cores' | 'memory' | 'gpuRuntime'>> {
  return {
    what: 'say what the machine has',
    method: 'GET',
    path: '/info',
    deadline: 10_000,
    parse: (answer) => {
      const info = fields(answer);
      return { cores: number(info.NCPU), memory: number(info.MemTotal), gpuRuntime: 'nvidia' in fields(info.Runtimes) };
    },
  };
}

/** What happens to containers that carry the labels. */
export function containerEvents(wanted: Record<string, string>): StreamOperation {
  return {
    what: 'follow the events',
    method: 'GET',
    path: '/events',
    query: { filters: { type: ['container'], ...labelFilter(wanted) } },
  };
}

export function parseContainerEvent(event: Record<string, unknown>): ContainerEvent {
  const actor = fields(event.Actor);
  return { action: text(event.Action), container: text(actor.ID), labels: labels(actor.Attributes) };
}
