/** Secrets, sealed, in the database. */
import type { Database } from './store.ts';
import type { Tables } from './tables.ts';
import type { SecretOwner, SecretRecord, SecretRows } from '../../ports/state/secrets.ts';

export function createSecretRows(db: Database): SecretRows {
  const ownedBy = ({ projectId, user }: SecretOwner) =>
    projectId === null ? (['user', user] as const) : (['project_id', projectId] as const);

  return {
    async list(owner: SecretOwner): Promise<SecretRecord[]> {
      const [column, value] = ownedBy(owner);
      return (await db.selectFrom('secrets').selectAll().where(column, '=', value).orderBy('name').execute()).map(toRecord);
    },

    async get(owner: SecretOwner, name: string): Promise<SecretRecord | null> {
      const [column, value] = ownedBy(owner);
      const row = await db.selectFrom('secrets').selectAll().where(column, '=', value).where('name', '=', name).executeTakeFirst();
      return row ? toRecord(row) : null;
    },

    async save(record: SecretRecord): Promise<void> {
      const { projectId, user, name, sealed, setBy, set } = record;
      const [column, value] = ownedBy(record);
      await db.transaction().execute(async (transaction) => {
        await transaction.deleteFrom('secrets').where(column, '=', value).where('name', '=', name).execute();
        await transaction.insertInto('secrets').values({ project_id: projectId, user, name, sealed, set_by: setBy, set }).execute();
      });
    },

    all: async (): Promise<SecretRecord[]> => (await db.selectFrom('secrets').selectAll().execute()).map(toRecord),

    async replaceSealed(before: string, after: string): Promise<void> {
      await db.updateTable('secrets').set({ sealed: after }).where('sealed', '=', before).execute();
    },

    async remove(owner: SecretOwner, name: string): Promise<boolean> {
      const [column, value] = ownedBy(owner);
      const { numDeletedRows } = await db.deleteFrom('secrets').where(column, '=', value).where('name', '=', name).executeTakeFirst();
      return numDeletedRows === 1n;
    },
  };
}

function toRecord({ project_id, user, set_by, ...rest }: Tables['secrets']): SecretRecord {
  const owner = project_id === null ? { projectId: null, user: user ?? '' } : { projectId: project_id, user: null };
  return { ...rest, ...owner, setBy: set_by };
}
