/** A deleted project keeps its files and members in the bin until it is restored or the bin is emptied. */
import type { Project } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { ProjectRecord } from '../../adapters/store/projects.ts';
import { createMutex } from '../../lib/mutex.ts';
import type { Principal } from '../access/principal.ts';
import { memberName, toProject, withoutRole } from './parts.ts';
import type { Parts } from './parts.ts';

export function binActions(parts: Parts) {
  const { rows, folders, events, find, hooks } = parts;
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
        await folders.create(id);
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
        for (const project of doomed) await erase(parts, project);
        return { deleted: doomed.length };
      }),
  };
}

/** In an order that can be taken up again after a crash: the entry in the bin goes when all that it stands for is gone. */
async function erase({ rows, folders, hooks }: Parts, { id, name }: ProjectRecord): Promise<void> {
  await hooks.runErased({ id, name });
  await folders.erase(id);
  await rows.remove(id);
}

function ofId<T extends { id: string }>(records: T[], id: string): T {
  const record = records.find((one) => one.id === id);
  if (record) return record;
  throw new Problem('not-found', `There is no project with the id "${id}" that you own in the bin.`);
}
