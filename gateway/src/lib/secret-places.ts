/** Where programs' secrets lie while they run. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Folders that may be in memory: `/run` is root's; without it, a user's own folder there, or shared memory. */
export function secretPlaces(env: Record<string, string | undefined>): string[] {
  return [...(process.geteuid?.() === 0 ? ['/run'] : []), ...(env.XDG_RUNTIME_DIR ? [env.XDG_RUNTIME_DIR] : []), '/dev/shm'];
}

/** The one folder of a gateway in such a place. */
export const secretFolderName = (gateway: string): string => `bine-${gateway}`;

/** Once nothing of the gateway's runs any more. */
export async function removeAllSecrets(env: Record<string, string | undefined>, gateway: string): Promise<void> {
  for (const place of secretPlaces(env)) await rm(join(place, secretFolderName(gateway)), { recursive: true, force: true });
}
