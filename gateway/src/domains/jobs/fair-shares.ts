/**
 * How much of the machine each project, each user, and each user within a project has had: the one that had least comes next. Had is the
 * time that executions ran times the part of the machine that they took, divided by the project's weight. Who was away does not come back
 * with a credit: it goes on from where those are who were there.
 */
import type { ShareRecord } from '../../ports/state/limits.ts';

export type Owner = { projectId: string; user: string };

/** What runs. `part` of the machine from 0 to 1; `since` in milliseconds. */
export type Served = Owner & { part: number; weight: number; since: number };

/** Comparable numbers: who has the least comes next. `user`: in all projects; `member`: in that project, whatever its weight. */
export type Had = { project(projectId: string): number; user(user: string): number; member(owner: Owner): number };

/** What waits or runs, other than the one that is added. */
export type Active = { projects: ReadonlySet<string>; users: ReadonlySet<string>; members: ReadonlySet<string> };

/** One that has just started counts as if it had run so long: otherwise all that start at one moment would be of one project. */
const leastSeconds = 10;

export function createFairShares() {
  const projects = createLevel();
  const users = createLevel();
  const members = new Map<string, Level>();
  const membersOf = (projectId: string) => {
    const known = members.get(projectId) ?? createLevel();
    members.set(projectId, known);
    return known;
  };

  /** With what runs at this moment. */
  function at(now: number, running: Iterable<Served>): Had {
    const ofProjects = createSums();
    const ofUsers = createSums();
    const ofMembers = createSums();
    for (const served of running) {
      const amount = costOf(served, now);
      ofProjects.add(served.projectId, amount / served.weight);
      ofUsers.add(served.user, amount / served.weight);
      ofMembers.add(keyOf(served), amount);
    }
    return {
      project: (projectId) => projects.get(projectId) + ofProjects.get(projectId),
      user: (user) => users.get(user) + ofUsers.get(user),
      member: (owner) => membersOf(owner.projectId).get(owner.user) + ofMembers.get(keyOf(owner)),
    };
  }

  const recordsOf = ({ projectId, user }: Owner): ShareRecord[] => [
    { projectId, user: null, used: projects.get(projectId) },
    { projectId: null, user, used: users.get(user) },
    { projectId, user, used: membersOf(projectId).get(user) },
  ];

  return {
    at,
    /** As it was when the last gateway ended. */
    restore(records: ShareRecord[]): void {
      for (const { projectId, user, used } of records) {
        if (user === null) projects.set(projectId!, used);
        else if (projectId === null) users.set(user, used);
        else membersOf(projectId).set(user, used);
      }
    },
    /** Something of it waits, and nothing did before. @returns what is to be remembered */
    enter(owner: Owner, had: Had, active: Active): ShareRecord[] {
      const { projectId, user } = owner;
      projects.enter(projectId, active.projects, had.project);
      users.enter(user, active.users, had.user);
      membersOf(projectId).enter(user, active.members, (one) => had.member({ projectId, user: one }));
      return recordsOf(owner);
    },
    /** It has ended. @returns what is to be remembered */
    charge(served: Served, now: number): ShareRecord[] {
      const { projectId, user, weight } = served;
      const amount = costOf(served, now);
      projects.add(projectId, amount / weight);
      users.add(user, amount / weight);
      membersOf(projectId).add(user, amount);
      return recordsOf(served);
    },
    forgetProject(projectId: string): void {
      projects.forget(projectId);
      members.delete(projectId);
    },
  };
}

type Level = ReturnType<typeof createLevel>;

function createLevel() {
  const used = new Map<string, number>();
  /** Where those stand who were there all the time. */
  let floor = 0;
  const get = (key: string): number => used.get(key) ?? floor;
  return {
    get,
    set: (key: string, value: number): void => void used.set(key, value),
    add: (key: string, amount: number): void => void used.set(key, get(key) + amount),
    /** Without rivals, the floor is where the one stands that had most: it may have been the only one. */
    enter(key: string, active: ReadonlySet<string>, had: (key: string) => number): void {
      const rivals = [...active].filter((one) => one !== key).map(had);
      floor = Math.max(floor, rivals.length > 0 ? Math.min(...rivals) : Math.max(0, ...used.values()));
      if (!active.has(key)) used.set(key, Math.max(used.get(key) ?? 0, floor));
    },
    forget: (key: string): void => void used.delete(key),
  };
}

const costOf = ({ part, since }: Served, now: number): number => part * Math.max(leastSeconds, (now - since) / 1000);

const keyOf = ({ projectId, user }: Owner): string => `${projectId}/${user}`;

function createSums() {
  const sums = new Map<string, number>();
  const get = (key: string): number => sums.get(key) ?? 0;
  return { get, add: (key: string, amount: number): void => void sums.set(key, get(key) + amount) };
}
