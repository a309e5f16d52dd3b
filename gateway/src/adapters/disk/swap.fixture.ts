/**
 * A program that, as one in a container might, swaps names in `folder` as fast as it can: `spot` between a folder and a
 * link to `outside`, `leaf` between a file and a link to a file there. Ends with its input, and says how often it swapped.
 */
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder = '', outside = ''] = process.argv.slice(2);
const at = (name: string) => join(folder, name);
symlinkSync(outside, at('spot-link'));
symlinkSync(join(outside, 'secret.txt'), at('leaf-link'));

let swaps = 0;
let inTheWay = 0;

/** What the gateway has made there meanwhile is put out of the way first, as often as it makes it. */
function rename(from: string, to: string): void {
  for (let tries = 100; ; tries--) {
    try {
      return renameSync(at(from), at(to));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (tries === 0 || !['EISDIR', 'ENOTDIR', 'ENOTEMPTY', 'EEXIST'].includes(code!)) throw error;
      putAside(to);
    }
  }
}

function putAside(name: string): void {
  try {
    renameSync(at(name), at(`in-the-way-${inTheWay++}`));
  } catch (error) {
    // The gateway has removed it itself.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function swap(name: string): void {
  rename(name, `${name}-real`);
  rename(`${name}-link`, name);
  rename(name, `${name}-link`);
  rename(`${name}-real`, name);
  swaps += 1;
}

/** For the gateway to find, while the folder is the real one; it may be deleting the same at this moment. */
function prepare(): void {
  try {
    mkdirSync(at('spot/kept'), { recursive: true });
    for (const path of ['spot/secret.txt', 'spot/moved', 'spot/kept/a.txt', 'movable']) writeFileSync(at(path), 'inside');
  } catch {
    return;
  }
}

function swapMany(): void {
  prepare();
  for (let count = 0; count < 200; count++) {
    for (const name of ['spot', 'leaf']) swap(name);
  }
  setImmediate(swapMany);
}

process.stdin.resume().on('end', () => {
  process.stdout.write(`${swaps}\n`);
  process.exit();
});
process.stdout.write('swapping\n');
swapMany();
