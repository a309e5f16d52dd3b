/**
 * Changes the key with which secrets and tokens are sealed. The new key is on the disk before anything is sealed with it, and earlier ones
 * are there until nothing needs them, so that a gateway that dies at any moment goes on where it was.
 */
import type { KeyRotation } from '@bine/shared';
import type { Vault } from '../../ports/secrets.ts';
import { createMutex } from '../../lib/mutex.ts';

export type SealedRow = { sealed: string; owner: readonly string[] };

/** Where sealed values are kept. */
export type SealedRows = {
  allSealed(): Promise<SealedRow[]>;
  /** Unless it was set anew meanwhile. */
  replaceSealed(before: string, after: string): Promise<void>;
};

/** `flush`: what was written is on the disk when it resolves. */
export type RotationParts = { vault: Vault; tables: readonly SealedRows[]; flush: () => Promise<void> };

export type Rotation = ReturnType<typeof createRotation>;

export function createRotation({ vault, tables, flush }: RotationParts) {
  const inTurn = createMutex();

  async function sealAgain(): Promise<KeyRotation> {
    const result = { sealed: 0, unreadable: 0 };
    for (const table of tables) {
      for (const { sealed, owner } of await table.allSealed()) {
        if (vault.isCurrent(sealed)) continue;
        const value = vault.unseal(sealed, owner);
        if (value === null) result.unreadable++;
        else {
          await table.replaceSealed(sealed, vault.seal(value, owner));
          result.sealed++;
        }
      }
    }
    await flush();
    await vault.dropEarlierKeys();
    return result;
  }

  return {
    rotate: (): Promise<KeyRotation> =>
      inTurn(async () => {
        await vault.addKey();
        return sealAgain();
      }),
    /** What a gateway that died had begun. */
    resume: (): Promise<void> =>
      inTurn(async () => {
        if (vault.hasEarlierKeys()) await sealAgain();
      }),
  };
}
