/** The files that a kernel says its cells are, as in `/tmp/ipykernel_7/1234.py:3: UserWarning`: the name is a number made of the code. */

const cellFile = /^\/tmp\/ipykernel_\d+\/(\d+)\.py$/;
/** ipykernel's own. */
const seed = 0xc70f6907;

/** null: the path is no cell's. */
export function cellNumberOf(path: string): number | null {
  const found = cellFile.exec(path);
  return found ? Number(found[1]) : null;
}

/** Murmur 2 of the code in UTF-8. */
export function numberOfCode(code: string): number {
  const bytes = new TextEncoder().encode(code);
  const view = new DataView(bytes.buffer);
  const whole = bytes.length & ~3;
  let hash = seed ^ bytes.length;
  for (let at = 0; at < whole; at += 4) {
    let word = Math.imul(view.getUint32(at, true), factor);
    word = Math.imul(word ^ (word >>> 24), factor);
    hash = Math.imul(hash, factor) ^ word;
  }
  const rest = bytes.subarray(whole);
  if (rest.length > 0) hash = Math.imul(hash ^ rest.reduce((word, byte, index) => word | (byte << (8 * index)), 0), factor);
  hash = Math.imul(hash ^ (hash >>> 13), factor);
  return (hash ^ (hash >>> 15)) >>> 0;
}

const factor = 0x5bd1e995;
