/** The audit log as files: `audit.log` grows; when it is full it becomes `audit-<time>-<number>.log`. Only the gateway's user reads them. */
import {
  closeSync,
  createReadStream,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { AuditLog } from '../../ports/audit-log.ts';

export type AuditLogOptions = {
  folder: string;
  /** Bytes after which the next segment begins. */
  segmentBytes?: number;
  /** What is kept besides the segment that grows. */
  keep: { segments: number; days: number };
};

const current = 'audit.log';
const older = /^audit-(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z)-(\d{4})\.log$/;

export function openAuditLog({ folder, segmentBytes = 16 * 2 ** 20, keep }: AuditLogOptions): AuditLog {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, current);
  const open = () => openSync(file, 'a', 0o600);
  let descriptor = open();

  const olderOnes = () =>
    readdirSync(folder)
      .filter((name) => older.test(name))
      .toSorted()
      .toReversed();

  const prune = () => {
    const oldest = new Date(Date.now() - keep.days * 24 * 3600 * 1000).toISOString().replaceAll(/[:.]/g, '-');
    const names = olderOnes();
    for (const [place, name] of names.entries()) {
      if (place >= keep.segments || older.exec(name)![1]! < oldest) rmSync(join(folder, name), { force: true });
    }
  };

  const rotate = () => {
    const stamp = new Date().toISOString().replaceAll(/[:.]/g, '-');
    // Names sort by time, those of one moment by their number.
    const last = olderOnes().find((name) => name.startsWith(`audit-${stamp}`));
    const number = last === undefined ? 0 : Number(older.exec(last)![2]) + 1;
    renameSync(file, join(folder, `audit-${stamp}-${String(number).padStart(4, '0')}.log`));
    closeSync(descriptor);
    descriptor = open();
    prune();
  };
  prune();

  return {
    append(line) {
      if (fstatSync(descriptor).size >= segmentBytes) rotate();
      const bytes = Buffer.from(`${line}\n`);
      const { size } = fstatSync(descriptor);
      let written = 0;
      try {
        written = writeSync(descriptor, bytes);
        if (written < bytes.length) throw Object.assign(new Error('The disk is full.'), { code: 'ENOSPC' });
      } catch (error) {
        // Half a line would spoil the next one.
        ftruncateSync(descriptor, size);
        throw error;
      }
    },
    async *segments() {
      for (const name of [current, ...olderOnes()]) yield readLines(join(folder, name));
    },
    [Symbol.dispose]: () => closeSync(descriptor),
  };
}

async function* readLines(file: string): AsyncGenerator<string> {
  const stream = createReadStream(file);
  try {
    yield* createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
  } catch (error) {
    // It was deleted by its age meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  } finally {
    stream.destroy();
  }
}
