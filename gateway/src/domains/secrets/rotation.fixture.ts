/** Changes the sealing key of a home again and again until it is killed, and says each step before it takes it. */
import { join } from 'node:path';
import { openVault } from '../../adapters/secrets/vault.ts';
import { createGitRows } from '../../adapters/store/git.ts';
import { createSecretRows } from '../../adapters/store/secrets.ts';
import { flush, openStore } from '../../adapters/store/store.ts';
import { sealedTokens } from '../git/credentials.ts';
import { createRotation } from './rotation.ts';
import type { SealedRows } from './rotation.ts';
import { sealedSecrets } from './secrets.ts';

const home = process.argv[2]!;
const store = await openStore(join(home, 'bine.db'));
const told = (table: SealedRows): SealedRows => ({
  ...table,
  replaceSealed(before, after) {
    process.stdout.write('replace\n');
    return table.replaceSealed(before, after);
  },
});
const rotation = createRotation({
  vault: await openVault(join(home, 'secrets.key')),
  tables: [sealedSecrets(createSecretRows(store.db)), sealedTokens(createGitRows(store.db))].map(told),
  flush: () => {
    process.stdout.write('flush\n');
    return flush(store.db);
  },
});
for (;;) await rotation.rotate();
