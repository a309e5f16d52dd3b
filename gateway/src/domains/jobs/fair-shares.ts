/**
 * How much of the machine each project, and each user within it, has had: the one that had least comes next. Had is the time that
 * executions ran times the part of the machine that they took, divided by the project's weight. Who was away does not come back with
 * a credit: it goes on from where those are who were there.
 */
import type { ShareRecord } from '../../adapters/store/limits.ts';

export type Owner = { projectId: string; user: string };

/** What runs. `part` of the machine from 0 to 1; `since` in milliseconds. */
export type Served = Owner & { part: number; weight: number; since: number };

/** Comparable numbers: who has the least comes next. */
export type Had = { project(projectId: string): number; user(owner: Owner): number };

/** One that has just started counts as if it had run so long: otherwise all that start at one moment would be of one project. */
const leastSeconds = 10;

export function createFairShares() {
  const projects = createLevel();
  const users = new Map<string, Level>();
  const usersOf = (projectId: string) => {
    const known = users.get(projectId) ?? createLevel();
    users.set(projectId, known);
    return known;
  };

  /** With what runs at this moment. */
  function at(now: number, running: Iterable<Served>): Had {
    const ofProjects = new Map<string, number>();
    const ofUsers = new Map<string, number>();
    for (const served of running) {
      const { projectId, user } = served;
      const amount = costOf(served, now);
      ofProjects.set(projectId, (ofProjects.get(projectId) ?? 0) + amount / served.weight);
      const key = keyOf(projectId, user);
      ofUsers.set(key, (ofUsers.get(key) ?? 0) + amount);
    }
    return {
      project: (projectId) => projects.get(projectId) + (ofProjects.get(projectId) ?? 0),
      user: ({ projectId, user }) => usersOf(projectId).get(user) + (ofUsers.get(keyOf(projectId, user)) ?? 0),
    };
  }

  const recordsOf = ({ projectId, user }: Owner): ShareRecord[] => [
    { projectId, user: null, used: projects.get(projectId) },
    { projectId, user, used: usersOf(projectId).get(user) },
  ];

  return {
    at,
    /** As it was when the last gateway ended. */
    restore(records: ShareRecord[]): void {
      for (const { projectId, user, used } of records) (user === null ? projects : usersOf(projectId)).set(user ?? projectId, used);
    },
    /** Something of it waits, and nothing did before. `others` have something that waits or runs. @returns what is to be remembered */
    enter(owner: Owner, had: Had, others: { projects: Iterable<string>; users: Iterable<string> }): ShareRecord[] {
      const { projectId, user } = owner;
      const rivals = [...others.projects].filter((one) => one !== projectId);
      const colleagues = [...others.users].filter((one) => one !== user);
      projects.raise(rivals.map((one) => had.project(one)));
      usersOf(projectId).raise(colleagues.map((one) => had.user({ projectId, user: one })));
      if ([...others.projects].every((one) => one !== projectId)) projects.lift(projectId);
      if ([...others.users].every((one) => one !== user)) usersOf(projectId).lift(user);
      return recordsOf(owner);
    },
    /** It has ended. @returns what is to be remembered */
    charge(served: Served, now: number): ShareRecord[] {
      const { projectId, user, weight } = served;
      const amount = costOf(served, now);
      projects.set(projectId, projects.get(projectId) + amount / weight);
      usersOf(projectId).set(user, usersOf(projectId).get(user) + amount);
      return recordsOf(served);
    },
    forgetProject(projectId: string): void {
      projects.forget(projectId);
      users.delete(projectId);
    },
  };
}

type Level = ReturnType<typeof createLevel>;

function createLevel() {
  const used = new Map<string, number>();
  /** Where those stand who were there all the time. */
  let floor = 0;
  return {
    get: (key: string): number => used.get(key) ?? floor,
    set: (key: string, value: number): void => void used.set(key, value),
    lift: (key: string): void => void used.set(key, Math.max(used.get(key) ?? 0, floor)),
    /** Without rivals, it stands where the one is that had most: it may have been the only one. */
    raise(rivals: number[]): void {
      const stands = rivals.length > 0 ? Math.min(...rivals) : Math.max(0, ...used.values());
      floor = Math.max(floor, stands);
    },
    forget: (key: string): void => void used.delete(key),
  };
}

const costOf = ({ part, since }: Served, now: number): number => part * Math.max(leastSeconds, (now - since) / 1000);

const keyOf = (projectId: string, user: string): string => `${projectId}/${user}`;
