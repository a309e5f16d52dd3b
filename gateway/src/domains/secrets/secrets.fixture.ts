/** Secrets on a database, in the folder of a test. */
import { join } from 'node:path';
import { createSecretDelivery } from '../../adapters/secrets/delivery.ts';
import { openVault } from '../../adapters/secrets/vault.ts';
import { createSecretRows } from '../../adapters/store/secrets.ts';
import type { Database } from '../../adapters/store/store.ts';
import { secretPlaces } from '../../lib/secret-places.ts';
import { createSecrets } from './secrets.ts';
import type { Secrets } from './secrets.ts';

type SecretsOn = { db: Database; home: string; gateway: string; project: { id: string; name: string } };

export async function secretsOn({ db, home, gateway, project }: SecretsOn): Promise<Secrets> {
  return createSecrets({
    rows: createSecretRows(db),
    vault: await openVault(join(home, 'secrets.key')),
    delivery: createSecretDelivery({ places: secretPlaces(process.env), gateway }),
    projects: { folder: async () => project },
  });
}
