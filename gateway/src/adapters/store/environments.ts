/** Environments of projects in the database, with their revisions and changes. */
import { Change, PackageChanges, Revision } from '@bine/shared';
import { z } from 'zod';
import type { Database } from './store.ts';
import type { Tables } from './tables.ts';
import type { ImagePackage } from '../../ports/packages.ts';
import type { ChangeRecord, EnvironmentRecord, EnvironmentRows, RevisionRecord } from '../../ports/state/environments.ts';

/** A package as it was found in an image. */
export const imagePackage = z.object({
  name: z.string(),
  version: z.string(),
  source: z.enum(['index', 'git', 'wheel']),
  from: z.string().nullable(),
  hashes: z.array(z.string()),
}) satisfies z.ZodType<ImagePackage>;

export function createEnvironmentRows(db: Database): EnvironmentRows {
  return { ...recordRows(db), ...revisionRows(db), ...changeRows(db), ...packageRows(db) };
}

function recordRows(db: Database) {
  return {
    async ofProject(projectId: string): Promise<EnvironmentRecord[]> {
      const rows = await db.selectFrom('environments').selectAll().where('project_id', '=', projectId).orderBy('name').execute();
      return rows.map(toEnvironment);
    },

    async byName(projectId: string, name: string): Promise<EnvironmentRecord | null> {
      const found = db.selectFrom('environments').selectAll().where('project_id', '=', projectId).where('name', '=', name);
      const row = await found.executeTakeFirst();
      return row ? toEnvironment(row) : null;
    },

    async byId(id: string): Promise<EnvironmentRecord | null> {
      const row = await db.selectFrom('environments').selectAll().where('id', '=', id).executeTakeFirst();
      return row ? toEnvironment(row) : null;
    },

    async add(record: EnvironmentRecord, first: RevisionRecord): Promise<'added' | 'name-taken'> {
      const { projectId, ...rest } = record;
      return db.transaction().execute(async (transaction) => {
        const { numInsertedOrUpdatedRows } = await transaction
          .insertInto('environments')
          .values({ ...rest, project_id: projectId })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst();
        if (numInsertedOrUpdatedRows === 0n) return 'name-taken';
        await transaction.insertInto('revisions').values(fromRevision(first)).execute();
        return 'added';
      });
    },

    async update(id: string, changes: { name?: string; description?: string }): Promise<'updated' | 'name-taken'> {
      if (Object.keys(changes).length === 0) return 'updated';
      return db.transaction().execute(async (transaction) => {
        if (changes.name !== undefined) {
          const taken = await transaction
            .selectFrom('environments')
            .select('id')
            .where('name', '=', changes.name)
            .where('id', '!=', id)
            .where('project_id', '=', (own) => own.selectFrom('environments as own').select('own.project_id').where('own.id', '=', id))
            .executeTakeFirst();
          if (taken) return 'name-taken';
        }
        await transaction.updateTable('environments').set(changes).where('id', '=', id).execute();
        return 'updated';
      });
    },

    async remove(id: string): Promise<void> {
      await db.deleteFrom('environments').where('id', '=', id).execute();
    },
  };
}

function revisionRows(db: Database) {
  return {
    async revisions(environmentId: string): Promise<RevisionRecord[]> {
      const rows = db.selectFrom('revisions').selectAll().where('environment_id', '=', environmentId).orderBy('number', 'desc');
      return (await rows.execute()).map(toRevision);
    },

    async revision(environmentId: string, number: number): Promise<RevisionRecord | null> {
      const found = db.selectFrom('revisions').selectAll().where('environment_id', '=', environmentId).where('number', '=', number);
      const row = await found.executeTakeFirst();
      return row ? toRevision(row) : null;
    },

    async images(): Promise<{ environmentId: string; image: string }[]> {
      const rows = await db.selectFrom('revisions').select(['environment_id', 'image']).distinct().execute();
      return rows.map(({ environment_id, image }) => ({ environmentId: environment_id, image }));
    },

    async revise(revision: RevisionRecord, change: ChangeRecord, packages: ImagePackage[] | null): Promise<void> {
      await db.transaction().execute(async (transaction) => {
        await transaction.insertInto('revisions').values(fromRevision(revision)).execute();
        const { environmentId: id, number } = revision;
        await transaction.updateTable('environments').set({ revision: number }).where('id', '=', id).execute();
        const { id: _, ...row } = fromChange(change);
        await transaction.updateTable('changes').set(row).where('id', '=', change.id).execute();
        if (packages) await packageRows(transaction).savePackages(revision.image, packages);
      });
    },
  };
}

function changeRows(db: Database) {
  return {
    async changes(environmentId: string, limit: number): Promise<ChangeRecord[]> {
      const rows = db.selectFrom('changes').selectAll().where('environment_id', '=', environmentId);
      return (await rows.orderBy('submitted', 'desc').orderBy('id').limit(limit).execute()).map(toChange);
    },

    async change(id: string): Promise<ChangeRecord | null> {
      const row = await db.selectFrom('changes').selectAll().where('id', '=', id).executeTakeFirst();
      return row ? toChange(row) : null;
    },

    async unendedChanges(): Promise<ChangeRecord[]> {
      return (await db.selectFrom('changes').selectAll().where('ended', 'is', null).orderBy('submitted').execute()).map(toChange);
    },

    async lastEndedChanges(): Promise<ChangeRecord[]> {
      const rows = db
        .selectFrom('changes')
        .selectAll()
        .where('ended', '=', (own) =>
          own
            .selectFrom('changes as other')
            .select(({ fn }) => fn.max('other.ended').as('latest'))
            .whereRef('other.environment_id', '=', 'changes.environment_id'),
        );
      return (await rows.execute()).map(toChange);
    },

    async addChange(change: ChangeRecord): Promise<ChangeRecord> {
      return db.transaction().execute(async (transaction) => {
        const { environmentId, idempotencyKey } = change;
        const same = transaction.selectFrom('changes').selectAll().where('environment_id', '=', environmentId);
        const before = idempotencyKey === null ? undefined : await same.where('idempotency_key', '=', idempotencyKey).executeTakeFirst();
        if (before) return toChange(before);
        await transaction.insertInto('changes').values(fromChange(change)).execute();
        return change;
      });
    },

    async saveChange(change: ChangeRecord): Promise<void> {
      const { id, ...row } = fromChange(change);
      await db.updateTable('changes').set(row).where('id', '=', id).execute();
    },
  };
}

function packageRows(db: Database) {
  return {
    async packages(image: string): Promise<ImagePackage[] | null> {
      const row = await db.selectFrom('image_packages').selectAll().where('image', '=', image).executeTakeFirst();
      return row ? imagePackage.array().parse(JSON.parse(row.packages)) : null;
    },

    async savePackages(image: string, packages: ImagePackage[]): Promise<void> {
      const values = { image, packages: JSON.stringify(packages) };
      await db
        .insertInto('image_packages')
        .values(values)
        .onConflict((conflict) => conflict.column('image').doUpdateSet(values))
        .execute();
    },
  };
}

function toEnvironment({ project_id, purpose, ...rest }: Tables['environments']): EnvironmentRecord {
  return { ...rest, projectId: project_id, purpose: purpose as EnvironmentRecord['purpose'] };
}

function fromRevision({ environmentId, changes, direct, rollbackTo, change, ...rest }: RevisionRecord): Tables['revisions'] {
  return {
    ...rest,
    environment_id: environmentId,
    changes: JSON.stringify(changes),
    direct: JSON.stringify(direct),
    rollback_to: rollbackTo,
    change_id: change,
  };
}

function toRevision(row: Tables['revisions']): RevisionRecord {
  const { environment_id, changes, direct, rollback_to, change_id, action, ...rest } = row;
  return {
    ...rest,
    environmentId: environment_id,
    action: Revision.shape.action.parse(action),
    changes: PackageChanges.parse(JSON.parse(changes)),
    direct: JSON.parse(direct) as string[],
    rollbackTo: rollback_to,
    change: change_id,
  };
}

function fromChange({ environmentId, install, uninstall, secrets, rollbackTo, idempotencyKey, ...rest }: ChangeRecord): Tables['changes'] {
  return {
    ...rest,
    environment_id: environmentId,
    install: JSON.stringify(install),
    uninstall: JSON.stringify(uninstall),
    secrets: JSON.stringify(secrets),
    rollback_to: rollbackTo,
    idempotency_key: idempotencyKey,
  };
}

function toChange(row: Tables['changes']): ChangeRecord {
  const { environment_id, install, uninstall, secrets, rollback_to, idempotency_key, action, state, ...rest } = row;
  return {
    ...rest,
    environmentId: environment_id,
    action: Change.shape.action.parse(action),
    install: JSON.parse(install) as string[],
    uninstall: JSON.parse(uninstall) as string[],
    secrets: JSON.parse(secrets) as string[],
    rollbackTo: rollback_to,
    state: Change.shape.state.parse(state),
    idempotencyKey: idempotency_key,
  };
}
