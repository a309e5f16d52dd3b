/**
 * Projects of a version in which all had the same user id get one of their own. The id is remembered when the files have it, so that whatever
 * cuts this off, the next start does it again. A project in which containers of that version still run keeps the old id until they have ended.
 */
import type { Accounts, Owner } from '../../ports/accounts.ts';
import type { ProjectRecord, ProjectRows } from '../../ports/state/projects.ts';

export type TakeOver = {
  rows: ProjectRows;
  accounts: Accounts;
  /** Ids of projects that have containers. */
  inUse(): Promise<ReadonlySet<string>>;
  /** Gives all of a project's files away. */
  give(project: ProjectRecord, owner: Owner): Promise<void>;
};

/** @returns the names of those that had to stay as they are */
export async function takeOver({ rows, accounts, inUse, give }: TakeOver): Promise<string[]> {
  const projects = accounts.range ? await rows.withoutUid() : [];
  if (!accounts.range || projects.length === 0) return [];
  const used = await inUse();
  for (const project of projects) {
    if (used.has(project.id)) continue;
    const uid = await rows.nextUid(accounts.range);
    await give(project, accounts.ownerOf(uid));
    await rows.setUid(project.id, uid);
  }
  return projects.filter(({ id }) => used.has(id)).map(({ name }) => name);
}
