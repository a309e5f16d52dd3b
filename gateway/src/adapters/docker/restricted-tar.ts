/** A tar archive whose bytes nobody vouches for, made harmless while it is passed on to the engine, which unpacks as root. */
import { Problem } from '@bine/shared/problems';

export type TarRules = {
  /** Everything in it becomes this user's. */
  owner: { uid: number; gid: number };
  /** The folder that all names must be below, with a slash at its end; null: the engine wrote the archive itself, names and all. */
  under: string | null;
};

const block = 512;
const longestName = 8192;
const plain = new Set(['0', '\0', '5', 'L']);
/** What the engine writes besides: links, and the long names of the POSIX format. */
const ofEngine = new Set([...plain, '1', '2', 'K', 'x']);

/** No owner, mode, type or place but what the rules allow: no setuid or setgid bit, no device, no capability. @throws Problem `build-failed` */
export async function* restrictTar(archive: AsyncIterable<Uint8Array>, rules: TarRules): AsyncIterable<Uint8Array> {
  const restrict = createRestrictor(rules);
  let rest: Buffer = Buffer.alloc(0);
  let content = 0;
  for await (const chunk of archive) {
    let bytes: Buffer = rest.length > 0 ? Buffer.concat([rest, chunk]) : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    while (bytes.length > 0 && !restrict.ended()) {
      const wanted = content > 0 ? Math.min(content, bytes.length) : restrict.needs();
      if (bytes.length < wanted) break;
      const part = bytes.subarray(0, wanted);
      bytes = bytes.subarray(wanted);
      if (content > 0) {
        content -= wanted;
        yield part;
      } else {
        const { out, follows } = restrict.take(part);
        yield out;
        content = follows;
      }
    }
    rest = restrict.ended() ? Buffer.alloc(0) : bytes;
  }
  yield Buffer.alloc(2 * block);
}

/** Takes headers, and the long names that come before some of them. */
function createRestrictor({ owner, under }: TarRules) {
  let longName: string | null = null;
  let nameBytes = 0;
  let ended = false;

  function takeName(bytes: Buffer) {
    longName = cString(bytes);
    nameBytes = 0;
    return { out: bytes, follows: 0 };
  }

  function takeHeader(given: Buffer) {
    if (given.every((byte) => byte === 0)) {
      ended = true;
      return { out: Buffer.alloc(0), follows: 0 };
    }
    const header = Buffer.from(given);
    const type = String.fromCharCode(header[156]!);
    if (!(under === null ? ofEngine : plain).has(type)) refuse(`holds an entry of type "${type}"`);
    const size = number(header, 124, 12);
    if (under !== null) checkFormat(header);
    if (under !== null && type !== 'L') checkName(longName ?? cString(header.subarray(0, 100)), under);
    longName = null;
    own(header, owner);
    const padded = Math.ceil(size / block) * block;
    if (under === null || type !== 'L') return { out: header, follows: padded };
    if (size > longestName) refuse(`holds a name of ${size} bytes`);
    nameBytes = padded;
    return { out: header, follows: 0 };
  }

  return {
    ended: () => ended,
    needs: () => nameBytes || block,
    take: (bytes: Buffer) => (nameBytes > 0 ? takeName(bytes) : takeHeader(bytes)),
  };
}

/** GNU's format, as `packages.py` writes it: in others a second field would be part of the name. */
function checkFormat(header: Buffer): void {
  if (header.toString('latin1', 257, 265) !== 'ustar  \0') refuse('is not in the format of GNU tar');
  header.fill(0, 345);
}

function checkName(name: string, under: string): void {
  const parts = name.replace(/\/$/, '').split('/');
  if (name.startsWith(under) && parts.every((part) => part !== '' && part !== '.' && part !== '..')) return;
  refuse(`holds "${name.slice(0, 200)}", which is not in /${under.slice(0, -1)}`);
}

function own(header: Buffer, { uid, gid }: TarRules['owner']): void {
  const octal = (value: number, at: number) => header.write(`${value.toString(8).padStart(7, '0')}\0`, at, 'latin1');
  octal(number(header, 100, 8) & 0o777, 100);
  octal(uid, 108);
  octal(gid, 116);
  header.fill(0, 265, 329);
  header.write('        ', 148, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
}

function number(header: Buffer, at: number, length: number): number {
  const text = cString(header.subarray(at, at + length)).trim();
  if (/^[0-7]*$/.test(text)) return Number.parseInt(text || '0', 8);
  return refuse('holds a number that is none');
}

function cString(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end === -1 ? bytes.length : end);
}

function refuse(why: string): never {
  throw new Problem('build-failed', `The archive of the packages ${why}; running kernels did not get it. Restart them.`);
}
