/**
 * What each project has on disk, measured in the background one after the other, plus what passes through the gateway meanwhile; and
 * what follows for a project that has more than it may: nothing is added to it, and programs that go on writing are warned, then ended.
 */
import type { Limits } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { MeasureDisk } from '../../ports/files.ts';
import { createTurns } from '../../lib/turns.ts';
import { ask } from './limits.ts';
import type { ProjectRef } from './limits.ts';

/** A kernel or an execution. */
export type Program = {
  id: string;
  /** null: there is nothing to warn of any more. */
  warn(why: string | null): void;
  end(why: string): Promise<void>;
};

export type DiskUseParts = {
  measure: MeasureDisk;
  /** Absolute paths of all that is the project's. */
  foldersOf: (project: ProjectRef) => Promise<string[]>;
  /** Bytes that its programs have written inside their containers, as in /tmp. @throws Problem when the engine does not answer */
  writtenBy: (project: ProjectRef, signal: AbortSignal) => Promise<number>;
  limitsOf: (projectId: string) => Limits;
  projects: () => Promise<ProjectRef[]>;
  programs: (projectId: string) => Program[];
  scanSeconds: number;
  graceSeconds: number;
  onError: (error: unknown) => void;
  /** Milliseconds since 1970. */
  now?: () => number;
};

export type DiskUse = ReturnType<typeof createDiskUse>;

/** `written`: of `bytes`, those inside containers. */
type Known = { bytes: number; written: number; at: number; took: number; stale: boolean };

const mebibyte = 2 ** 20;
const deadline = 10 * 60_000;
/** How long somebody waits to hear whether there is room again. */
const patience = 10_000;
/** Measuring takes no more than a part of the time, however long one measurement takes. */
const rest = 10;
/** Where nothing depends on it. */
const unlimitedSeconds = 900;
/** Programs that may be ended are looked at more often. */
const overSeconds = 5;

export function createDiskUse(parts: DiskUseParts) {
  const { measure, foldersOf, writtenBy, limitsOf, projects, programs, scanSeconds, graceSeconds, onError, now = Date.now } = parts;
  const known = new Map<string, Known>();
  /** Since when each program has been warned, in milliseconds. */
  const warned = new Map<string, number>();
  const turns = createTurns();
  const closing = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let scanning: Promise<void> = Promise.resolve();

  const allowedOf = (projectId: string): number => (limitsOf(projectId).disk ?? Infinity) * mebibyte;
  const usedOf = (projectId: string): number => known.get(projectId)?.bytes ?? 0;

  const remeasure = (project: ProjectRef): Promise<void> =>
    turns(project.id, async () => {
      const before = now();
      const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(deadline)]);
      const [files, written] = await Promise.all([
        foldersOf(project).then((folders) => measure(folders, signal)),
        writtenIn(project, signal),
      ]);
      known.set(project.id, { bytes: files + written, written, at: now(), took: now() - before, stale: false });
      await enforce(project);
    });

  /** Programs run on while the engine does not answer: its last answer counts. */
  const writtenIn = (project: ProjectRef, signal: AbortSignal): Promise<number> =>
    writtenBy(project, signal).catch((error: unknown) => {
      if (!(error instanceof Problem)) throw error;
      return known.get(project.id)?.written ?? 0;
    });

  async function enforce(project: ProjectRef): Promise<void> {
    const isOver = usedOf(project.id) > allowedOf(project.id);
    for (const program of programs(project.id)) {
      const since = warned.get(program.id);
      if (!isOver) {
        if (warned.delete(program.id)) program.warn(null);
      } else if (since === undefined) {
        warned.set(program.id, now());
        program.warn(`Disk quota: ${describe(project)}. Files must be deleted, or it is ended ${graceSeconds} s after this warning.`);
      } else if (now() - since >= graceSeconds * 1000) {
        warned.delete(program.id);
        await program.end(`Ended for the disk quota: ${describe(project)}.`).catch(onError);
      }
    }
  }

  const describe = (project: ProjectRef): string =>
    `the project "${project.name}" uses ${inMebibytes(usedOf(project.id))} of its ${inMebibytes(allowedOf(project.id))} of disk space`;

  function dueAt(project: ProjectRef): number {
    const one = known.get(project.id);
    if (!one) return 0;
    const limited = allowedOf(project.id) !== Infinity;
    const isOver = one.bytes > allowedOf(project.id) && programs(project.id).length > 0;
    const seconds = isOver ? Math.min(overSeconds, scanSeconds) : limited ? scanSeconds : Math.max(scanSeconds, unlimitedSeconds);
    return one.at + Math.max(seconds * 1000, one.took * rest);
  }

  async function scan(): Promise<void> {
    for (const project of await projects()) {
      if (closing.signal.aborted) return;
      if (dueAt(project) <= now()) await remeasure(project).catch(unlessClosing);
    }
  }

  function unlessClosing(error: unknown): void {
    if (!closing.signal.aborted) onError(error);
  }

  function arm(seconds: number): void {
    if (closing.signal.aborted) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      scanning = scan()
        .catch(unlessClosing)
        .finally(() => arm(Math.min(overSeconds, scanSeconds)));
    }, seconds * 1000).unref();
  }

  /** @throws Problem `quota-exceeded` where so many bytes more are too many */
  function refuse(project: ProjectRef, more = 0): void {
    const used = usedOf(project.id);
    const isOver = more > 0 ? used + more > allowedOf(project.id) : used > allowedOf(project.id);
    if (!isOver) return;
    const wanted = more > 1 ? `, and ${inMebibytes(more)} more are wanted` : '';
    const told = describe(project);
    throw new Problem(
      'quota-exceeded',
      `${told[0]!.toUpperCase()}${told.slice(1)}${wanted}. Delete files for good or empty the bin, or ${ask[0]!.toLowerCase()}${ask.slice(1)}`,
    );
  }

  /** Looks again where the answer would be no: files may have been deleted since, by programs too. */
  async function settle(project: ProjectRef, more = 0): Promise<void> {
    const one = known.get(project.id);
    if (allowedOf(project.id) === Infinity) return;
    const fits = one && !one.stale && one.bytes + more <= allowedOf(project.id);
    if (fits || (one && !one.stale && now() - one.at < Math.min(1000, one.took * rest))) return;
    const late = new Promise<void>((resolve) => void setTimeout(resolve, patience).unref());
    await Promise.race([remeasure(project).catch(unlessClosing), late]);
  }

  return {
    start: (): void => arm(0),
    refuse,
    settle,
    async check(project: ProjectRef, more = 0): Promise<void> {
      await settle(project, more);
      refuse(project, more);
    },
    /** Bytes that may still be added. */
    left: (projectId: string): number => allowedOf(projectId) - usedOf(projectId),
    /** So many bytes went through the gateway into the project. */
    note(projectId: string, bytes: number): void {
      const one = known.get(projectId);
      if (one) one.bytes = Math.max(0, one.bytes + bytes);
    },
    /** Something was deleted, or added that was not counted. */
    changed(projectId: string): void {
      const one = known.get(projectId);
      if (one) one.stale = true;
    },
    usedBy(projectId: string): { bytes: number; measured: string } | null {
      const one = known.get(projectId);
      return one ? { bytes: one.bytes, measured: new Date(one.at).toISOString() } : null;
    },
    sizeOf: (path: string): Promise<number> => measure([path], AbortSignal.any([closing.signal, AbortSignal.timeout(60_000)])),
    forgetProject: ({ id }: { id: string }): void => void known.delete(id),
    async [Symbol.asyncDispose](): Promise<void> {
      closing.abort();
      clearTimeout(timer);
      await scanning;
    },
  };
}

const inMebibytes = (bytes: number): string => `${Math.round((bytes / mebibyte) * 10) / 10} MiB`;
