import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm, rmdir, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { createExecutionFolders } from '../../adapters/disk/execution-folders.ts';
import { createSnapshotStore } from '../../adapters/disk/snapshot-store.ts';
import { createSnapshots } from './snapshots.ts';

const project = 'p';
const signal = new AbortController().signal;

describe('contents that no snapshot needs', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'bine-snapshots-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  /** As if it was sent two days ago. */
  async function put(text: string): Promise<{ digest: string; file: string }> {
    const digest = createHash('sha256').update(text).digest('hex');
    const body = new Blob([text]).stream();
    await createSnapshotStore(root).put(project, digest, { body, signal });
    const file = join(root, project, 'snapshots/blobs', digest.slice(0, 2), digest);
    const old = new Date(Date.now() - 2 * 86_400_000);
    await utimes(file, old, old);
    return { digest, file };
  }

  it('are forgotten, but none as long as a snapshot cannot be read', async () => {
    const store = createSnapshotStore(root);
    const projects = { folder: () => assert.fail('no project is asked for'), byId: () => assert.fail('no project is asked for') };
    const snapshots = createSnapshots({ store, folders: createExecutionFolders(root), projects });
    const [needed, other] = [await put('needed'), await put('other')];
    const entry = { type: 'file', path: 'a.py', sha256: needed.digest, size: 6, mode: 0o644 };
    const manifest = await put(JSON.stringify({ version: 1, entries: [entry] }));
    await rename(manifest.file, `${manifest.file}.aside`);
    await mkdir(manifest.file);
    await assert.rejects(snapshots.prune(project, [manifest.digest]), { code: 'EISDIR' });
    await rmdir(manifest.file);
    await rename(`${manifest.file}.aside`, manifest.file);
    const all = [needed.digest, other.digest, manifest.digest];
    await snapshots.prune(project, [manifest.digest]);
    assert.deepEqual(await store.missing(project, all), [other.digest]);
  });
});
