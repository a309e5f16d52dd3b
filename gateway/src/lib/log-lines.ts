/**
 * Where log lines go. A line that cannot be written, on a full disk or to a reader that is gone, is counted and never an error: what is
 * logged must not end what it tells of. Once writing works again, a line says how many are missing.
 */
import { closeSync, fstatSync, ftruncateSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';

export type Lines = { write(line: string): void };

export type FileOptions = { mostBytes?: number; kept?: number };

const waitMilliseconds = 5;
const mostWaits = 20;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

export function streamLines(descriptor: number): Lines {
  const counted = countLost((line) => writeAll(descriptor, line));
  return { write: counted };
}

/** `NAME.log` is renamed to `NAME.1.log` and so on when it has `mostBytes`. */
export function fileLines(file: string, { mostBytes = 16 * 2 ** 20, kept = 3 }: FileOptions = {}): Lines {
  let descriptor = openSync(file, 'a', 0o600);
  let size = fstatSync(descriptor).size;

  function roll(): void {
    const name = (age: number) => (age === 0 ? file : file.replace(/(\.log)?$/, `.${age}.log`));
    rmSync(name(kept), { force: true });
    for (let age = kept - 1; age >= 0; age--) renameIfThere(name(age), name(age + 1));
    const fresh = openSync(file, 'a', 0o600);
    closeSync(descriptor);
    descriptor = fresh;
    size = 0;
  }

  const write = countLost((line) => {
    if (size >= mostBytes) roll();
    try {
      writeAll(descriptor, line);
    } catch (error) {
      // Nobody reads half a line.
      ftruncateSync(descriptor, size);
      throw error;
    }
    size += Buffer.byteLength(line);
  });
  return { write };
}

function countLost(write: (line: string) => void): (line: string) => void {
  let lost = 0;
  return (line) => {
    try {
      if (lost > 0) {
        write(
          `${JSON.stringify({ level: 'warn', time: new Date().toISOString(), msg: `${lost} log lines are missing here: they could not be written` })}\n`,
        );
        lost = 0;
      }
      write(line);
    } catch {
      lost += 1;
    }
  };
}

function writeAll(descriptor: number, line: string): void {
  let rest: Buffer = Buffer.from(line);
  for (let waits = 0; rest.length > 0;) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      // A pipe whose reader is slow gets a moment.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || ++waits > mostWaits) throw error;
      Atomics.wait(sleeper, 0, 0, waitMilliseconds);
    }
  }
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
