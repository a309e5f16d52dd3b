/**
 * The disk that the gateway's data is on: how much room is left, when nothing new may begin any more, and a reserve that is given up
 * where the gateway itself needs room, so that it can start, remember what happens and delete things on a full disk.
 */
import { formatSize } from '../../lib/size.ts';
import { randomFillSync } from 'node:crypto';
import { closeSync, openSync, rmSync, statSync, statfsSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Problem } from '@bine/shared/problems';
import type { DiskSpace } from '@bine/shared';
import { isNoSpace } from '../../lib/no-space.ts';
import type { Space } from '../../ports/space.ts';

/** What must be free before something new begins: bytes, or a part of the disk from 0 to 1. */
export type LeastFree = { bytes: number } | { part: number };

export type SpaceOptions = { folder: string; leastFree: LeastFree | null; onError: (error: unknown) => void };

const mebibyte = 2 ** 20;
const lookEvery = 2000;
const largestReserve = 32 * mebibyte;
/** Below this the next write may fail. */
const fullBelow = 4 * mebibyte;

export function createSpace({ folder, leastFree, onError }: SpaceOptions): Space {
  const mount = mountOf(folder);
  const reserve = createReserve(join(folder, 'reserve'));
  const listeners: ((space: DiskSpace) => void)[] = [];

  function now(): DiskSpace {
    const { bavail, blocks, bsize } = statfsSync(folder);
    const total = blocks * bsize;
    const free = bavail * bsize;
    const least = bytesOf(leastFree, total);
    const state = free < Math.min(fullBelow, total / 16) ? 'full' : free < least ? 'low' : 'ok';
    return { mount, total, free, leastFree: least, state };
  }

  let known = now();
  // A gateway that starts on a full disk needs room for its own files.
  if (known.state === 'full') reserve.use();

  function look(): void {
    try {
      const current = now();
      const kept = Math.min(largestReserve, current.total / 32);
      if (current.state === 'ok' && current.free > current.leastFree + kept) reserve.fill(kept);
      if (current.state === known.state) return;
      known = current;
      for (const listener of listeners) listener(current);
    } catch (error) {
      if (!isNoSpace(error)) onError(error);
    }
  }
  look();
  const timer = setInterval(look, lookEvery).unref();

  function shortage(): string | null {
    const current = now();
    if (current.state === 'ok') return null;
    return `${describe(current)}, and nothing new starts below ${formatSize(current.leastFree)}. ${cure}`;
  }

  return {
    now,
    shortage,
    refuseNewWork(what) {
      const why = shortage();
      if (why !== null) throw new Problem('no-space', `${what} does not start: ${why}`);
    },
    problem(cause) {
      if (cause instanceof Problem && cause.message.includes(`mounted at ${mount}`)) return cause;
      const own = cause instanceof Problem && cause.code === 'no-space' ? `${cause.message} ` : '';
      return new Problem('no-space', `${own}${sentence(describe(now()))}. ${cure}`, { cause });
    },
    useReserve: reserve.use,
    onChange: (listener) => void listeners.push(listener),
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

const cure = 'Delete what is not needed, empty the bins, or give the disk more room; "bine doctor" shows it.';

function describe({ mount, free, total, state }: DiskSpace): string {
  return `the disk of the gateway's data (mounted at ${mount}) is ${state === 'ok' ? 'short of room' : state === 'low' ? 'almost full' : 'full'}: ${formatSize(free)} of ${formatSize(total)} are free`;
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Without a setting, 2 % of the disk and at least 1 GiB. */
function bytesOf(leastFree: LeastFree | null, total: number): number {
  if (leastFree === null) return Math.max(2 ** 30, Math.round(total * 0.02));
  return 'bytes' in leastFree ? leastFree.bytes : Math.round(total * leastFree.part);
}

/** The topmost folder of the same file system. */
function mountOf(folder: string): string {
  const { dev } = statSync(folder);
  let mount = folder;
  while (mount !== '/' && statSync(dirname(mount)).dev === dev) mount = dirname(mount);
  return mount;
}

function createReserve(file: string) {
  return {
    use(): boolean {
      if (!statSync(file, { throwIfNoEntry: false })) return false;
      rmSync(file, { force: true });
      return true;
    },

    /** With bytes that no file system stores for nothing. */
    fill(bytes: number): void {
      const wanted = Math.floor(bytes / mebibyte) * mebibyte;
      const there = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
      if (there >= wanted) return;
      const chunk = randomFillSync(Buffer.alloc(mebibyte));
      const target = openSync(file, 'a', 0o600);
      try {
        // A little at a time, since everybody waits for it.
        for (let at = there; at < Math.min(wanted, there + 8 * mebibyte); at += mebibyte) writeSync(target, chunk);
      } finally {
        closeSync(target);
      }
    },
  };
}
