/** Names that are taken in a folder of a project. */
import { listFolder } from '@bine/client/list-folder';
import type { Connection } from '../connection/client.ts';
import { type Place, baseName } from './uri.ts';

export async function namesIn({ client }: Pick<Connection, 'client'>, folder: Place): Promise<Set<string>> {
  const { entries } = await listFolder(client.files, folder);
  return new Set(entries.map(({ path }) => baseName(path)));
}
