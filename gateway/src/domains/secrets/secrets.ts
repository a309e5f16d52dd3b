/**
 * Secrets of projects and of users: kept sealed, listed by name, given to kernels and executions by name. Where a project and the user
 * who runs something have one of the same name, the user's own is given.
 */
import { largestSecret } from '@bine/shared';
import type { Secret, SecretUser } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { SecretDelivery, Vault } from '../../ports/secrets.ts';
import type { SecretOwner, SecretRecord, SecretRows } from '../../ports/state/secrets.ts';
import { createGiving } from './giving.ts';
import type { SealedRows } from './rotation.ts';
import { sealOwner } from './seal-owner.ts';

/** Who names a secret of a project; `user`: who would get a secret of their own for it, where that is known. */
export type NamedSecrets = SecretUser & { names: readonly string[]; user: string };
/** What names secrets, in one project or in all. */
export type FindUsers = (projectId: string | null) => Promise<NamedSecrets[]>;

export type SecretsParts = {
  rows: SecretRows;
  vault: Vault;
  delivery: SecretDelivery;
  projects: { folder(name: string): Promise<{ id: string; name: string }> };
};

export type SetSecret = { name: string; value: string; encoding: 'utf8' | 'base64' };

export type Secrets = ReturnType<typeof createSecrets>;

export function createSecrets(parts: SecretsParts) {
  const { rows, vault, projects, delivery } = parts;
  const finders: FindUsers[] = [];

  async function describe(records: readonly SecretRecord[], owner: SecretOwner): Promise<Secret[]> {
    const users = (await Promise.all(finders.map((find) => find(owner.projectId)))).flat();
    const own = owner.projectId === null ? users.filter(({ user }) => user === owner.user) : users;
    return records.map(({ name, set, setBy }) => ({
      name,
      owner: owner.projectId === null ? 'user' : 'project',
      set,
      setBy,
      usedBy: own.filter(({ names }) => names.includes(name)).map(({ type, project, id, title }) => ({ type, project, id, title })),
    }));
  }

  async function save(owner: SecretOwner, given: SetSecret, setBy: string): Promise<Secret> {
    const value = bytesOf(given);
    const record = await vault.keep(value.toString('base64'), sealOwner(owner, given.name), async (sealed) => {
      const fresh = { ...owner, name: given.name, sealed, setBy, set: new Date().toISOString() };
      await rows.save(fresh);
      return fresh;
    });
    return (await describe([record], owner))[0]!;
  }

  async function remove(owner: SecretOwner, name: string, whose: string): Promise<void> {
    if (!(await rows.remove(owner, name))) throw new Problem('not-found', `There is no secret "${name}" ${whose}.`);
  }

  const ofProject = async (name: string): Promise<SecretOwner> => ({ projectId: (await projects.folder(name)).id, user: null });
  const ofUser = (user: string): SecretOwner => ({ projectId: null, user });

  return {
    ...createGiving({ rows, vault, delivery }),
    /** Others say what names secrets. */
    addUsers: (find: FindUsers): void => void finders.push(find),

    async list(project: string): Promise<Secret[]> {
      const owner = await ofProject(project);
      return describe(await rows.list(owner), owner);
    },
    async set({ project, ...given }: SetSecret & { project: string }, user: string): Promise<Secret> {
      return save(await ofProject(project), given, user);
    },
    async remove(project: string, name: string): Promise<void> {
      await remove(await ofProject(project), name, `in the project "${project}"`);
    },

    listMine: async (user: string): Promise<Secret[]> => describe(await rows.list(ofUser(user)), ofUser(user)),
    setMine: (given: SetSecret, user: string): Promise<Secret> => save(ofUser(user), given, user),
    removeMine: (user: string, name: string): Promise<void> => remove(ofUser(user), name, 'of yours'),
  };
}

function bytesOf({ value, encoding }: SetSecret): Buffer {
  const bytes = Buffer.from(value, encoding);
  const problem = problemOf(bytes, encoding === 'base64' && bytes.toString('base64') !== value);
  if (problem === null) return bytes;
  throw new Problem('invalid', `value: ${problem}`, { fields: [{ field: 'value', problem }] });
}

function problemOf(bytes: Buffer, isUnreadable: boolean): string | null {
  if (isUnreadable) return 'must be base64, with padding and nothing else';
  if (bytes.length === 0) return 'must not be empty; remove the secret instead';
  if (bytes.length > largestSecret) return `has ${bytes.length} bytes; a secret has at most ${largestSecret} (64 KiB)`;
  return null;
}

/** As `createRotation` wants them. */
export const sealedSecrets = (rows: SecretRows): SealedRows => ({
  allSealed: async () => (await rows.all()).map((record) => ({ sealed: record.sealed, owner: sealOwner(record, record.name) })),
  replaceSealed: rows.replaceSealed,
});
