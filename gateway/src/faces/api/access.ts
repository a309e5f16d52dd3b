/** The procedures of users and keys. */
import type { Access } from '../../domains/access/access.ts';
import type { Projects } from '../../domains/projects/projects.ts';
import type { Implementer } from './base.ts';

export function accessHandlers(os: Implementer, access: Access, projects: Pick<Projects, 'list'>) {
  return {
    me: os.access.me.handler(async ({ context: { principal } }) => {
      const mine = await projects.list(principal);
      return { ...(await access.me(principal)), projects: mine.map(({ name, role }) => ({ project: name, role })) };
    }),
    listKeys: os.access.listKeys.handler(({ context }) => access.listKeys(context.principal)),
    createKey: os.access.createKey.handler(({ context, input }) => access.createKey(context.principal, input)),
    revokeKey: os.access.revokeKey.handler(async ({ context, input }) => ({
      revoked: await access.revokeKey(context.principal, input.key),
    })),
    updateKey: os.access.updateKey.handler(({ context, input }) => access.updateKey(context.principal, input.key, input)),
    listUsers: os.access.listUsers.handler(() => access.listUsers()),
    createUser: os.access.createUser.handler(({ input }) => access.createUser(input)),
    updateUser: os.access.updateUser.handler(({ input }) => access.updateUser(input)),
    deleteUser: os.access.deleteUser.handler(async ({ input }) => {
      await access.deleteUser(input.name);
      return {};
    }),
  };
}
