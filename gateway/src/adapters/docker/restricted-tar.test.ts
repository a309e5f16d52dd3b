import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { restrictTar } from './restricted-tar.ts';
import type { TarRules } from './restricted-tar.ts';

const rules: TarRules = { owner: { uid: 61_000, gid: 61_000 }, under: 'opt/env/' };

/** What Python's tarfile makes of entries `(name, type, mode, content, link)`, in the format. */
function made(entries: unknown[][], format = 'GNU_FORMAT'): Buffer {
  const program = `
import io, json, sys, tarfile
target = io.BytesIO()
with tarfile.open(fileobj=target, mode="w", format=tarfile.${format}) as archive:
    for name, type, mode, content, link in json.loads(sys.argv[1]):
        entry = tarfile.TarInfo(name)
        entry.type, entry.mode, entry.linkname, entry.size = type.encode(), mode, link, len(content)
        if "${format}" == "PAX_FORMAT":
            entry.pax_headers = {"SCHILY.xattr.security.capability": "x"}
        archive.addfile(entry, io.BytesIO(content.encode()))
sys.stdout.buffer.write(target.getvalue())`;
  return execFileSync('python3', ['-c', program, JSON.stringify(entries)], { maxBuffer: 2 ** 26 });
}

const file = (name: string, mode = 0o644, content = 'x') => [name, '0', mode, content, ''];

async function restricted(archive: Buffer, { pieces = 700, with: given = rules } = {}): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  async function* chunks() {
    for (let at = 0; at < archive.length; at += pieces) yield archive.subarray(at, at + pieces);
  }
  for await (const part of restrictTar(chunks(), given)) parts.push(part);
  return Buffer.concat(parts);
}

const listed = (archive: Buffer) => execFileSync('tar', ['--numeric-owner', '-tvf', '-'], { input: archive, encoding: 'utf8' });

describe('an archive that nobody vouches for', () => {
  for (const pieces of [1, 511, 700, 1 << 20]) {
    it(`comes through in pieces of ${pieces} bytes, as the owner’s and without setuid bits`, async () => {
      const long = `opt/env/${'long/'.repeat(40)}name.py`;
      const archive = made([['opt/env/lib', '5', 0o7777, '', ''], file('opt/env/a', 0o6755, 'a'.repeat(1300)), file(long)]);
      const out = await restricted(archive, { pieces });
      const rows = listed(out).trim().split('\n');
      assert.deepEqual(
        rows.map((row) => [row.slice(0, 10), row.split(/\s+/)[1], row.split(/\s+/).at(-1)]),
        [
          ['drwxrwxrwx', '61000/61000', 'opt/env/lib/'],
          ['-rwxr-xr-x', '61000/61000', 'opt/env/a'],
          ['-rw-r--r--', '61000/61000', long],
        ],
      );
      assert.equal(execFileSync('tar', ['-xO', 'opt/env/a'], { input: out, encoding: 'utf8' }), 'a'.repeat(1300));
    });
  }

  for (const [what, archive] of [
    ['a file elsewhere', () => made([file('project/shell', 0o4755)])],
    ['a file whose name goes up', () => made([file('opt/env/../../project/shell')])],
    ['a file of the root', () => made([file('/opt/env/x')])],
    ['a long name elsewhere', () => made([file(`project/${'x'.repeat(200)}`)])],
    ['a symbolic link', () => made([['opt/env/x', '2', 0o777, '', '/project']])],
    ['a hard link', () => made([['opt/env/x', '1', 0o777, '', 'etc/shadow']])],
    ['a device', () => made([['opt/env/x', '3', 0o666, '', '']])],
    ['a pipe', () => made([['opt/env/x', '6', 0o666, '', '']])],
    ['attributes of the POSIX format', () => made([file('opt/env/x')], 'PAX_FORMAT')],
    ['a prefix that is part of the name elsewhere', () => made([file(`opt/env/${'y/'.repeat(60)}x`)], 'USTAR_FORMAT')],
    ['bytes that are no archive', () => Buffer.alloc(1024, 'x')],
  ] as const) {
    it(`with ${what} is refused`, async () => {
      await assert.rejects(restricted(archive()), { code: 'build-failed' });
    });
  }

  it('has nothing behind its end', async () => {
    const archive = Buffer.concat([made([file('opt/env/x')]), made([file('project/y')])]);
    assert.doesNotMatch(listed(await restricted(archive)), /project/);
  });

  it('of the engine’s keeps its links and long names', async () => {
    const archive = made([['env/bin/python', '2', 0o777, '', '/usr/bin/python3'], file(`env/${'x'.repeat(300)}`)], 'PAX_FORMAT');
    const out = listed(await restricted(archive, { with: { ...rules, under: null } }));
    assert.match(out, /env\/bin\/python -> \/usr\/bin\/python3/);
    assert.match(out, /x{300}/);
  });
});
