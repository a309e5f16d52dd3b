/** The procedures of environments. The bundled ones are the same in every project. */
import type { Environments } from '../../domains/environments/environments.ts';
import type { Implementer } from './base.ts';
import { withLineNumbers } from './resuming.ts';

/** Where the client's own signal is missing, the operation's deadline is all there is. */
const never = new AbortController().signal;

export function environmentHandlers(os: Implementer, environments: Environments) {
  const routes = os.environments;
  return {
    list: routes.list.handler(({ input, signal = never }) => environments.list(input.project, signal)),
    get: routes.get.handler(({ input, signal = never }) => environments.get(input, signal)),
    build: routes.build.handler(({ input, signal = never }) => environments.build(input, signal)),
    cancelBuild: routes.cancelBuild.handler(({ input, context, signal = never }) =>
      environments.cancelBuild(input, context.principal.user, signal),
    ),
    log: routes.log.handler(async ({ input, lastEventId, signal = never }) =>
      withLineNumbers(await environments.log(input, signal), lastEventId),
    ),
    packages: routes.packages.handler(({ input, signal = never }) => environments.packages(input, signal)),
    users: routes.users.handler(({ input }) => environments.users(input)),
    search: routes.search.handler(({ input, signal = never }) => environments.search(input, signal)),
    clone: routes.clone.handler(({ input, context, signal = never }) => environments.clone(input, context.principal.user, signal)),
    update: routes.update.handler(({ input, signal = never }) => environments.update(input, signal)),
    delete: routes.delete.handler(async ({ input, signal = never }) => {
      await environments.delete(input, signal);
      return {};
    }),
    preview: routes.preview.handler(({ input, context, signal = never }) => environments.preview(input, context.principal.user, signal)),
    change: routes.change.handler(({ input, context }) => environments.change(input, context.principal.user)),
    changes: routes.changes.handler(({ input }) => environments.changes(input)),
    cancelChange: routes.cancelChange.handler(({ input, context }) => environments.cancelChange(input, context.principal.user)),
    revisions: routes.revisions.handler(({ input }) => environments.revisions(input)),
    revision: routes.revision.handler(({ input, signal = never }) => environments.revision(input, signal)),
    rollback: routes.rollback.handler(({ input, context }) => environments.rollback(input, context.principal.user)),
  };
}
