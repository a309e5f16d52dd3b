/** The procedures of environments. The bundled ones are the same in every project. */
import type { Environments } from '../../domains/environments/environments.ts';
import type { Implementer } from './base.ts';

/** Where the client's own signal is missing, the operation's deadline is all there is. */
const never = new AbortController().signal;

export function environmentHandlers(os: Implementer, environments: Environments) {
  return {
    list: os.environments.list.handler(({ signal = never }) => environments.list(signal)),
    get: os.environments.get.handler(({ input, signal = never }) => environments.get(input.environment, signal)),
    build: os.environments.build.handler(({ input, signal = never }) => environments.build(input.environment, signal)),
    cancelBuild: os.environments.cancelBuild.handler(({ input, signal = never }) => environments.cancelBuild(input.environment, signal)),
    log: os.environments.log.handler(async function* ({ input, signal = never }) {
      yield* await environments.log(input.environment, signal);
    }),
  };
}
