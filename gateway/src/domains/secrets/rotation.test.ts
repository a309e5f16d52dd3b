/** Another key, however often the gateway dies while it is changed. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openVault } from '../../adapters/secrets/vault.ts';
import { createGitRows } from '../../adapters/store/git.ts';
import { createSecretRows } from '../../adapters/store/secrets.ts';
import { flush, openStore } from '../../adapters/store/store.ts';
import { sealedTokens } from '../git/credentials.ts';
import { createRotation } from './rotation.ts';
import type { SealedRows } from './rotation.ts';
import { sealOwner } from './seal-owner.ts';
import { sealedSecrets } from './secrets.ts';

const count = 5;
const valueOf = (index: number) => `value ${index}`;
const ann = (name: string) => sealOwner({ projectId: null, user: 'ann' }, name);

async function startWorld(t: TestContext) {
  const home = await mkdtemp(join(tmpdir(), 'bine-rotation-'));
  t.after(() => rm(home, { recursive: true, force: true }));
  const store = await openStore(join(home, 'bine.db'));
  t.after(() => store[Symbol.asyncDispose]());
  await store.db.insertInto('users').values({ name: 'ann', admin: 0, created: '' }).execute();
  const file = join(home, 'secrets.key');
  const [rows, tokens] = [createSecretRows(store.db), createGitRows(store.db)];
  const vault = await openVault(file);
  for (let index = 0; index < count; index++) {
    const name = `S${index}`;
    const sealed = vault.seal(valueOf(index), ann(name));
    await rows.save({ projectId: null, user: 'ann', name, sealed, setBy: 'ann', set: '' });
    const host = `git${index}.example.org`;
    await tokens.saveCredential({ user: 'ann', host, username: 'git', secret: vault.seal(valueOf(index), ['ann', host]), added: '' });
  }
  const keys = async () => (await readFile(file, 'utf8')).trim().split('\n');
  /** With the keys of the disk alone, as a gateway has them that starts now. */
  async function opened(): Promise<string[]> {
    const fresh = await openVault(file);
    const secrets = (await rows.all()).map(({ name, sealed }) => fresh.unseal(sealed, ann(name)));
    const opening = (await tokens.allCredentials()).map(({ host, secret }) => fresh.unseal(secret, ['ann', host]));
    return [...secrets, ...opening].map(String).toSorted();
  }
  const tables = [sealedSecrets(rows), sealedTokens(tokens)];
  const rotationWith = async (change: (tables: SealedRows[]) => SealedRows[] = (same) => same) =>
    createRotation({ vault: await openVault(file), tables: change(tables), flush: () => flush(store.db) });
  return { home, file, rows, keys, opened, rotationWith };
}

const all = Array.from({ length: count }, (_, index) => [valueOf(index), valueOf(index)]).flat();

describe('another key', () => {
  it('opens everything, and the one before opens nothing', async (t) => {
    const { keys, opened, rotationWith, rows } = await startWorld(t);
    const before = await keys();
    const sealed = (await rows.all()).map((row) => row.sealed);
    assert.deepEqual(await (await rotationWith()).rotate(), { sealed: 2 * count, unreadable: 0 });
    assert.equal((await keys()).length, 1);
    assert.notDeepEqual(await keys(), before);
    assert.deepEqual(await opened(), all);
    assert.ok((await rows.all()).every((row) => !sealed.includes(row.sealed)));
  });

  it('comes in the end, wherever the change is cut short, and nothing is lost at any moment', async (t) => {
    const { keys, opened, rotationWith } = await startWorld(t);
    for (let cut = 0; cut < 2 * count; cut++) {
      let replaced = 0;
      const dying = await rotationWith((tables) =>
        tables.map((table) => ({
          ...table,
          async replaceSealed(before, after) {
            if (replaced++ === cut) throw new Error('killed');
            await table.replaceSealed(before, after);
          },
        })),
      );
      await assert.rejects(dying.rotate(), /killed/);
      assert.equal((await keys()).length, 2 + (cut % 2));
      assert.deepEqual(await opened(), all);
      if (cut % 2) await (await rotationWith()).resume();
    }
    assert.equal((await keys()).length, 1);
    assert.deepEqual(await opened(), all);
  });

  it('leaves everything readable when its process is killed, at whatever step', async (t) => {
    const { home, opened, rotationWith, keys } = await startWorld(t);
    // A round has a step for each value and one more, and each kill is one step later than the one before.
    for (let kill = 1; kill <= 2 * count + 2; kill++) {
      await killAtStep(home, kill + 2 * count);
      assert.deepEqual(await opened(), all, `after the kill at step ${kill}`);
    }
    await (await rotationWith()).resume();
    assert.equal((await keys()).length, 1);
    assert.deepEqual(await opened(), all);
  });

  it('seals what is set while it is changed, and leaves what nobody can open', async (t) => {
    const { file, rows, opened, rotationWith } = await startWorld(t);
    const lost = await openVault(`${file}.lost`);
    await rows.save({ projectId: null, user: 'ann', name: 'LOST', sealed: lost.seal('x', ann('LOST')), setBy: 'ann', set: '' });
    const vault = await openVault(file);
    const slow = Promise.withResolvers<void>();
    const keeping = vault.keep('late', ann('LATE'), async (sealed) => {
      await slow.promise;
      await rows.save({ projectId: null, user: 'ann', name: 'LATE', sealed, setBy: 'ann', set: '' });
    });
    const rotation = createRotation({ vault, tables: [sealedSecrets(rows)], flush: async () => undefined });
    const rotated = rotation.rotate();
    slow.resolve();
    await keeping;
    assert.deepEqual(await rotated, { sealed: count + 1, unreadable: 1 });
    assert.ok((await opened()).includes('late'));
    await (await rotationWith()).resume();
  });

  it('takes the place of one of an earlier gateway, whose rows do not name it', async (t) => {
    const { file, rows, opened, rotationWith } = await startWorld(t);
    for (const row of await rows.all()) await rows.save({ ...row, sealed: row.sealed.replace(/^v2:\w+:/, 'v1:') });
    assert.deepEqual(await opened(), all);
    assert.equal((await (await rotationWith()).rotate()).unreadable, 0);
    assert.deepEqual(await opened(), all);
    assert.equal((await openVault(file)).hasEarlierKeys(), false);
  });
});

/** SIGKILL, once the process has said that many steps. */
async function killAtStep(home: string, steps: number): Promise<void> {
  const program = fileURLToPath(new URL('rotation.fixture.ts', import.meta.url));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, home], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  let said = 0;
  for await (const _ of createInterface(child.stdout)) if (++said === steps) child.kill('SIGKILL');
  assert.deepEqual(await closed, [null, 'SIGKILL']);
}
