/**
 * Keeps secrets in a form that is of no use without a key, which lies in a file of the gateway's home and not in its database. While
 * the key is changed, the file has both: the new one, with which all is sealed from then on, and below it those that still open rows.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { link, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Problem } from '@bine/shared/problems';
import type { Vault } from '../../ports/secrets.ts';

/** `id` says nothing of the key, and is in what was sealed with it. */
type Key = { id: string; bytes: Buffer };

const cipher = 'aes-256-gcm';
const keySize = 32;
const nonceSize = 12;
const tagSize = 16;
/** Of earlier gateways, without the key's id. */
const withoutId = /^v1:([^:]*)$/;
const withId = /^v2:([0-9a-f]{16}):([^:]*)$/;

/** @param file made with a new key unless it is there */
export async function openVault(file: string): Promise<Vault> {
  let keys = (await readKeys(file)) ?? [await makeFile(file)];
  const saving = new Set<Promise<unknown>>();

  const vault: Vault = {
    seal: (secret, owner) => sealWith(keys[0]!, secret, owner),
    unseal(sealed, owner) {
      const [, id = null, body] = withId.exec(sealed) ?? withoutId.exec(sealed)?.toSpliced(1, 0, '') ?? [];
      if (body === undefined) return null;
      const bytes = Buffer.from(body, 'base64');
      const fitting = keys.filter((key) => !id || key.id === id);
      return fitting.map((key) => openWith(key, bytes, owner)).find((secret) => secret !== null) ?? null;
    },
    async keep(secret, owner, save) {
      const saved = save(vault.seal(secret, owner));
      saving.add(saved);
      return saved.finally(() => saving.delete(saved));
    },
    isCurrent: (sealed) => withId.exec(sealed)?.[1] === keys[0]!.id,
    hasEarlierKeys: () => keys.length > 1,
    async addKey() {
      const more = [newKey(), ...keys];
      await replaceFile(file, more);
      keys = more;
      await Promise.allSettled(saving);
    },
    async dropEarlierKeys() {
      const [current] = keys as [Key];
      await replaceFile(file, [current]);
      keys = [current];
    },
  };
  return vault;
}

function sealWith({ id, bytes: key }: Key, secret: string, owner: readonly string[]): string {
  const nonce = randomBytes(nonceSize);
  const sealing = createCipheriv(cipher, key, nonce).setAAD(nameOf(owner));
  const body = Buffer.concat([sealing.update(secret, 'utf8'), sealing.final()]);
  return `v2:${id}:${Buffer.concat([nonce, sealing.getAuthTag(), body]).toString('base64')}`;
}

function openWith({ bytes: key }: Key, sealed: Buffer, owner: readonly string[]): string | null {
  const [nonce, tag] = [sealed.subarray(0, nonceSize), sealed.subarray(nonceSize, nonceSize + tagSize)];
  try {
    const opening = createDecipheriv(cipher, key, nonce, { authTagLength: tagSize }).setAAD(nameOf(owner)).setAuthTag(tag);
    return Buffer.concat([opening.update(sealed.subarray(nonceSize + tagSize)), opening.final()]).toString('utf8');
  } catch {
    return null;
  }
}

/** No two owners have the same. */
const nameOf = (owner: readonly string[]): Buffer => Buffer.from(JSON.stringify(owner));

const newKey = (): Key => toKey(randomBytes(keySize));
const toKey = (bytes: Buffer): Key => ({
  id: createHash('sha256').update('bine key id\0').update(bytes).digest('hex').slice(0, 16),
  bytes,
});

async function readKeys(file: string): Promise<Key[] | null> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  const keys = text
    .trim()
    .split('\n')
    .map((line) => toKey(Buffer.from(line, 'base64')));
  if (keys.some(({ bytes }) => bytes.length !== keySize))
    throw new Problem(
      'conflict',
      `${file} is no key. Restore it from a backup, or remove it to begin with a new one: stored secrets and tokens then have to be given again.`,
    );
  return keys;
}

/** Never in place of one that somebody else has just made. */
async function makeFile(file: string): Promise<Key> {
  const key = newKey();
  const fresh = await writeBeside(file, [key]);
  await link(fresh, file);
  await rm(fresh);
  return key;
}

/** On the disk when it resolves, as what is sealed with it will be. */
async function replaceFile(file: string, keys: readonly Key[]): Promise<void> {
  await rename(await writeBeside(file, keys), file);
  await using folder = await open(dirname(file), 'r');
  await folder.sync();
}

/** Whole or not at all, and for nobody else to read at any moment. */
async function writeBeside(file: string, keys: readonly Key[]): Promise<string> {
  const fresh = `${file}.new`;
  await rm(fresh, { force: true });
  await using handle = await open(fresh, 'wx', 0o600);
  await handle.writeFile(keys.map(({ bytes }) => `${bytes.toString('base64')}\n`).join(''));
  await handle.sync();
  return fresh;
}
