/** A deleted project keeps its files and members in the bin until it is restored or the bin is emptied. */
import type { Project } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { ProjectRecord } from '../../ports/state/projects.ts';
import { createMutex } from '../../lib/mutex.ts';
import type { Principal } from '../access/principal.ts';
import { memberName, toProject, withoutRole } from './parts.ts';
import type { Parts } from './parts.ts';

export function binActions(parts: Parts) {
  const { rows, folders, accounts, events, find, hooks } = parts;
  // Nothing is restored while it is being deleted for good.
  const oneAtATime = createMutex();
  /** Who may delete a project may also restore and erase it. */
  const ownedIn = async (principal: Principal) =>
    (await rows.list(memberName(principal), { bin: true })).filter((record) => record.role === 'owner');

  return {
    async delete(name: string): Promise<void> {
      const { id } = await find(name);
      await rows.putIntoBin(id, new Date().toISOString());
      events.publish({ type: 'project.deleted', project: name, data: {} }, id);
      await hooks.runMembersChanged({ id, name });
      await hooks.runDeleted({ id, name });
    },

    async listBin(principal: Principal): Promise<(Project & { id: string })[]> {
      return (await ownedIn(principal)).map((record) => ({ ...toProject(record, record.role), id: record.id }));
    },

    restore: (principal: Principal, id: string): Promise<Project> =>
      oneAtATime(async () => {
        const record = ofId(await ownedIn(principal), id);
        if (record.erasing) throw beingErased(record.name);
        await folders.create(id, accounts.ownerOf(record.uid));
        if ((await rows.takeOutOfBin(id)) === 'name-taken') {
          throw new Problem(
            'already-exists',
            `There is another project "${record.name}" now. Delete that one first, or leave this one in the bin.`,
          );
        }
        const restored = { ...record, deleted: null };
        events.publish({ type: 'project.restored', project: record.name, data: withoutRole(restored) }, id);
        return toProject(restored, 'owner');
      }),

    /** All that the caller owns in the bin, or the one of that id. */
    emptyBin: (principal: Principal, id?: string): Promise<{ deleted: number }> =>
      oneAtATime(async () => {
        const owned = await ownedIn(principal);
        const doomed = id === undefined ? owned : [ofId(owned, id)];
        await eraseAll(parts, doomed);
        return { deleted: doomed.length };
      }),

    /** Goes on with what was being deleted for good when a gateway died or a part of it failed. */
    finishErasing: (): Promise<void> => oneAtATime(async () => eraseAll(parts, await rows.beingErased())),
  };
}

/** All of them, even if one fails. @throws what the first one threw */
async function eraseAll(parts: Parts, doomed: readonly ProjectRecord[]): Promise<void> {
  const failures: unknown[] = [];
  for (const project of doomed) await erase(parts, project).catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

/**
 * In an order that can be taken up again after a crash: the entry in the bin goes when all that it stands for is gone. What has begun is
 * marked first, since a project with half of its parts can only be deleted further.
 */
async function erase({ rows, folders, hooks }: Parts, { id, name }: ProjectRecord): Promise<void> {
  await rows.markErasing(id);
  await hooks.runErased({ id, name });
  await folders.erase(id);
  await rows.remove(id);
}

function ofId<T extends { id: string }>(records: T[], id: string): T {
  const record = records.find((one) => one.id === id);
  if (record) return record;
  throw new Problem('not-found', `There is no project with the id "${id}" that you own in the bin.`);
}

function beingErased(name: string): Problem {
  return new Problem(
    'conflict',
    `The project "${name}" is being deleted for good and cannot be restored any more. Empty the bin again to finish that.`,
  );
}
