import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { Problem } from '@bine/shared/problems';
import { type SnapshotGateway, sendSnapshot } from './send-snapshot.ts';
import type { Snapshot } from './snapshot.ts';

const hash = (content: string) => createHash('sha256').update(content).digest('hex');
const { signal } = new AbortController();

function snapshotOf(files: Record<string, string>): Snapshot {
  const contents = Object.values(files).map((text) => [hash(text), async () => new Blob([text])] as const);
  const entries = Object.entries(files).map(([path, text]) => ({
    type: 'file' as const,
    path,
    mode: 0o644,
    sha256: hash(text),
    size: text.length,
  }));
  return { entries, contents: new Map(contents), bytes: 0, warnings: [] };
}

/** Keeps contents by their digest, as the gateway does, and remembers what was sent. */
function createGateway(has: string[] = []): SnapshotGateway & { kept: Map<string, string>; puts: string[] } {
  const kept = new Map(has.map((text) => [hash(text), text]));
  const puts: string[] = [];
  return {
    kept,
    puts,
    async create({ manifest }) {
      const text = kept.get(manifest);
      if (!text) return { snapshot: null, missing: [manifest] };
      const { entries } = JSON.parse(text) as { entries: { sha256: string }[] };
      const missing = entries.map(({ sha256 }) => sha256).filter((sha256) => !kept.has(sha256));
      return { snapshot: missing.length > 0 ? null : manifest, missing };
    },
    async fetch(path, { body }) {
      const sha256 = path.split('/').at(-1)!;
      const text = await (body as Blob).text();
      if (hash(text) !== sha256) throw new Problem('invalid', 'These bytes have another digest.');
      kept.set(sha256, text);
      puts.push(text);
    },
  };
}

describe('sending a snapshot', () => {
  it('moves the contents that the gateway lacks, and no others', async () => {
    const gateway = createGateway(['old']);
    const id = await sendSnapshot(gateway, snapshotOf({ 'a.py': 'old', 'b.py': 'new' }), { project: 'p', signal });
    assert.equal(gateway.puts.filter((text) => text === 'new').length, 1);
    assert.ok(!gateway.puts.includes('old'));
    assert.ok(gateway.kept.has(id));
  });

  it('moves nothing the second time', async () => {
    const gateway = createGateway();
    const first = await sendSnapshot(gateway, snapshotOf({ 'a.py': 'x' }), { project: 'p', signal });
    gateway.puts.length = 0;
    assert.equal(await sendSnapshot(gateway, snapshotOf({ 'a.py': 'x' }), { project: 'p', signal }), first);
    assert.deepEqual(gateway.puts, []);
  });

  it('says so when a file was changed meanwhile', async () => {
    const snapshot = snapshotOf({ 'a.py': 'before' });
    const contents = new Map([[hash('before'), async () => new Blob(['after'])]]);
    await assert.rejects(sendSnapshot(createGateway(), { ...snapshot, contents }, { project: 'p', signal }), { code: 'changed' });
  });
});
