/** Keeps secrets in a form that is of no use without a key, which lies in a file of the gateway's home and not in its database. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { link, open, readFile, rm } from 'node:fs/promises';

export type Vault = {
  /** @param owner what the secret belongs to; it cannot be opened as anybody else's */
  seal(secret: string, owner: readonly string[]): string;
  /** null: not sealed with this key for that owner */
  unseal(sealed: string, owner: readonly string[]): string | null;
};

const cipher = 'aes-256-gcm';
const keySize = 32;
const nonceSize = 12;
const tagSize = 16;
const version = 'v1:';

/** @param file made with a new key unless it is there */
export async function openVault(file: string): Promise<Vault> {
  const key = (await readKey(file)) ?? (await makeKey(file));
  return {
    seal(secret, owner) {
      const nonce = randomBytes(nonceSize);
      const sealing = createCipheriv(cipher, key, nonce).setAAD(nameOf(owner));
      const body = Buffer.concat([sealing.update(secret, 'utf8'), sealing.final()]);
      return version + Buffer.concat([nonce, sealing.getAuthTag(), body]).toString('base64');
    },
    unseal(sealed, owner) {
      if (!sealed.startsWith(version)) return null;
      const bytes = Buffer.from(sealed.slice(version.length), 'base64');
      const [nonce, tag] = [bytes.subarray(0, nonceSize), bytes.subarray(nonceSize, nonceSize + tagSize)];
      try {
        const opening = createDecipheriv(cipher, key, nonce, { authTagLength: tagSize }).setAAD(nameOf(owner)).setAuthTag(tag);
        return Buffer.concat([opening.update(bytes.subarray(nonceSize + tagSize)), opening.final()]).toString('utf8');
      } catch {
        return null;
      }
    },
  };
}

/** No two owners have the same. */
const nameOf = (owner: readonly string[]): Buffer => Buffer.from(JSON.stringify(owner));

async function readKey(file: string): Promise<Buffer | null> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length !== keySize)
    throw new Error(`${file} is no key. Remove it to begin with a new one: tokens that were kept have to be given again.`);
  return key;
}

/** Whole or not at all, and for nobody else to read at any moment. */
async function makeKey(file: string): Promise<Buffer> {
  const key = randomBytes(keySize);
  const fresh = `${file}.new`;
  await rm(fresh, { force: true });
  {
    await using handle = await open(fresh, 'wx', 0o600);
    await handle.writeFile(`${key.toString('base64')}\n`);
    await handle.sync();
  }
  await link(fresh, file);
  await rm(fresh);
  return key;
}
