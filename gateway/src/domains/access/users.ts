/** Users: who there is, who is an administrator, and who may not sign in. */
import type { User } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { AccessRows } from '../../ports/state/access.ts';
import type { LiveKeys } from './live-keys.ts';

type UserDeps = { rows: AccessRows; live: LiveKeys };

type UserChanges = { name: string; admin?: boolean | undefined; disabled?: boolean | undefined };

export function userActions({ rows, live }: UserDeps) {
  const listeners = new Set<(user: string) => Promise<void>>();
  const tell = async (name: string) => {
    for (const listener of listeners) await listener(name);
  };

  /** @throws Problem not-found; conflict if nobody would be left who may administer */
  const find = async (name: string, { isLeaving }: { isLeaving: boolean }): Promise<User> => {
    const users = await rows.listUsers();
    const user = users.find((one) => one.name === name);
    if (!user) throw noUser(name);
    const others = users.filter((one) => one.admin && !one.disabled && one.name !== name);
    if (isLeaving && user.admin && !user.disabled && others.length === 0) {
      throw new Problem('conflict', `"${name}" is the only administrator. Create another one first.`);
    }
    return user;
  };

  const end = async (name: string, remove: (name: string) => Promise<string[]>) => {
    live.end(await remove(name));
    await tell(name);
  };

  return {
    listUsers: () => rows.listUsers(),

    findUser: rows.findUser,

    /** Awaited when a user may do less than before, or was deleted. */
    onUserChanged(listener: (user: string) => Promise<void>): Disposable {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },

    async createUser(user: { name: string; admin: boolean }): Promise<User> {
      const added = { ...user, created: new Date().toISOString(), disabled: false };
      if (await rows.addUser(added)) return added;
      throw new Problem('already-exists', `There is a user "${user.name}" already. Choose another name.`);
    },

    /** Disabling ends the user's keys for good; enabled again, the user is given new ones. */
    async updateUser({ name, admin, disabled }: UserChanges): Promise<User> {
      const user = await find(name, { isLeaving: admin === false || disabled === true });
      if (admin !== undefined && admin !== user.admin) {
        await rows.setAdmin(name, admin);
        live.update((principal) => (principal.user === name ? { ...principal, admin } : null));
        await tell(name);
      }
      if (disabled === true) await end(name, rows.disableUser);
      if (disabled === false) await rows.enableUser(name);
      return { ...user, admin: admin ?? user.admin, disabled: disabled ?? user.disabled };
    },

    async deleteUser(name: string): Promise<void> {
      await find(name, { isLeaving: true });
      await end(name, rows.removeUser);
    },
  };
}

export function noUser(name: string): Problem {
  return new Problem('not-found', `There is no user "${name}".`);
}
