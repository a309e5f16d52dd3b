import type { Docker } from '../docker/docker.ts';

/**
 * Removes what this gateway made earlier under the name, so that upgrades don't fill the disk. What a container still uses stays, and
 * so does what another gateway on the same engine made.
 */
export async function removeOlder(
  docker: Docker,
  made: { image: string; gateway: string; kept: string },
  signal: AbortSignal,
): Promise<void> {
  for (const { id, tags } of await docker.images.list({ 'bine.image': made.image, 'bine.gateway': made.gateway }, signal)) {
    if (id === made.kept) continue;
    for (const tag of tags.filter((tag) => tag.startsWith(`bine/${made.image}:`))) await docker.images.remove(tag, signal);
  }
}
