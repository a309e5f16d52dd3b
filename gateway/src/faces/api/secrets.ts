/** The procedures of secrets. None of them tells a value. */
import type { Rotation } from '../../domains/secrets/rotation.ts';
import type { Secrets } from '../../domains/secrets/secrets.ts';
import type { Implementer } from './base.ts';

export function secretHandlers({ secrets: routes }: Implementer, { secrets, rotation }: { secrets: Secrets; rotation: Rotation }) {
  return {
    list: routes.list.handler(({ input }) => secrets.list(input.project)),
    set: routes.set.handler(({ input, context }) => secrets.set(input, context.principal.user)),
    remove: routes.remove.handler(async ({ input }) => {
      await secrets.remove(input.project, input.name);
      return {};
    }),
    rotateKey: routes.rotateKey.handler(() => rotation.rotate()),
    listMine: routes.listMine.handler(({ context }) => secrets.listMine(context.principal.user)),
    setMine: routes.setMine.handler(({ input, context }) => secrets.setMine(input, context.principal.user)),
    removeMine: routes.removeMine.handler(async ({ input, context }) => {
      await secrets.removeMine(context.principal.user, input.name);
      return {};
    }),
  };
}
