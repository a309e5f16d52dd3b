/**
 * Which execution starts next. First in, first out within one user of one project; between them, who had least comes first, the project or
 * the user, whichever had more: neither many users in one project nor many projects of one user make a larger share. What does not fit is passed over by what does, until it has waited so long that what is free is held for it: then only what
 * it leaves over is given to others, in the machine or, where its project's limit is in its way, in the project.
 */
import type { Amount } from '../capacity/amounts.ts';
import { lacking, nothing, subtract } from '../capacity/amounts.ts';
import type { Had, Owner } from './fair-shares.ts';

/** The first of a user's line. `place` grows with each that is added; `submitted` in milliseconds. */
export type Head = Owner & { wanted: Amount; place: number; submitted: number };

/** What a project may still take. */
export type ProjectRoom = Amount & { running: number };

/** Why one does not start. `held`: it would fit, but what is free is held for another. */
export type Blocked = { by: 'project' | 'machine'; fields: (keyof ProjectRoom)[]; held: boolean };

export type Situation<H extends Head> = {
  heads: readonly H[];
  had: Had;
  free: Amount;
  roomOf: (projectId: string) => ProjectRoom;
  /** It would fit if all executions ended: what kernels take can stay taken for days, and nothing is held for that. */
  isOpen: (head: H) => boolean;
  now: number;
};

export type Next<H extends Head> = { start: H | null; blocked: Map<H, Blocked>; held: Amount };

/** So long, since it was submitted, does one that does not fit let others pass. */
export const patienceMilliseconds = 60_000;

export function findNext<H extends Head>({ heads, had, free, roomOf, isOpen, now }: Situation<H>): Next<H> {
  const blocked = new Map<H, Blocked>();
  const machine: Room<Amount> = { all: free, left: free, held: null };
  const projects = new Map<string, Room<ProjectRoom>>();
  const projectRoom = (projectId: string): Room<ProjectRoom> => {
    const known = projects.get(projectId) ?? { all: roomOf(projectId), left: roomOf(projectId), held: null };
    projects.set(projectId, known);
    return known;
  };
  for (const head of inOrder(heads, had)) {
    const project = projectRoom(head.projectId);
    const why = whyNot(head.wanted, project, machine);
    if (why === null) return { start: head, blocked, held: machine.held ?? nothing };
    blocked.set(head, why);
    if (now - head.submitted < patienceMilliseconds || !isOpen(head)) continue;
    if (project.held === null && !why.held) hold(project, { ...head.wanted, running: 1 });
    if (why.by === 'machine' && machine.held === null) hold(machine, head.wanted);
  }
  return { start: null, blocked, held: machine.held ?? nothing };
}

type Room<T extends Amount> = { all: T; left: T; held: Amount | null };

function hold<T extends Amount>(room: Room<T>, wanted: T): void {
  room.held = wanted;
  const running = 'running' in room.left ? { running: Math.max(0, (room.left.running as number) - 1) } : {};
  room.left = { ...room.left, ...subtract(room.left, wanted), ...running };
}

function whyNot(wanted: Amount, project: Room<ProjectRoom>, machine: Room<Amount>): Blocked | null {
  const ofProject = beyond(wanted, project.all);
  if (ofProject.length > 0) return { by: 'project', fields: ofProject, held: false };
  const ofMachine = lacking(wanted, machine.all);
  if (ofMachine.length > 0) return { by: 'machine', fields: ofMachine, held: false };
  if (beyond(wanted, project.left).length > 0) return { by: 'project', fields: beyond(wanted, project.left), held: true };
  const left = lacking(wanted, machine.left);
  return left.length > 0 ? { by: 'machine', fields: left, held: true } : null;
}

function beyond(wanted: Amount, room: ProjectRoom): (keyof ProjectRoom)[] {
  return [...lacking(wanted, room), ...(room.running < 1 ? (['running'] as const) : [])];
}

/** A total order that depends on nothing but what is given, so that it is the same after a restart. */
function inOrder<H extends Head>(heads: readonly H[], had: Had): H[] {
  const firstOf = new Map<string, number>();
  for (const { projectId, place } of heads) firstOf.set(projectId, Math.min(place, firstOf.get(projectId) ?? Infinity));
  const keyed = heads.map((head) => ({
    head,
    keys: [
      Math.max(had.project(head.projectId), had.user(head.user)),
      had.project(head.projectId),
      firstOf.get(head.projectId)!,
      had.member(head),
      head.place,
    ],
  }));
  keyed.sort((one, other) => {
    for (const [at, key] of one.keys.entries()) if (key !== other.keys[at]) return key - other.keys[at]!;
    return 0;
  });
  return keyed.map(({ head }) => head);
}
