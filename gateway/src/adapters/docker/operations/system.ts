/** The engine itself: who it is, and what the machine has. */
import { fields, list, number, text } from '../operation.ts';
import type { Operation } from '../operation.ts';

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
