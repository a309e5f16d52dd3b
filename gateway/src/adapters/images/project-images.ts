/**
 * The images of projects' environments. A name of ours keeps each from being removed: `bine/env-<gateway>-<environment>:<revision's
 * maker>`, so that what a crash left is known by its name alone.
 */
import type { Docker } from '../docker/docker.ts';
import type { ProjectImages } from '../../ports/images.ts';

export function createProjectImages({ docker, gateway }: { docker: Pick<Docker, 'images'>; gateway: string }): ProjectImages {
  const prefix = `bine/env-${gateway}-`;
  const repositoryOf = (environmentId: string) => `${prefix}${environmentId}`;

  /** Every name of ours, newest image first: an image goes before the one that it stands on. */
  async function names(signal: AbortSignal): Promise<{ name: string; environmentId: string; image: string }[]> {
    const images = await docker.images.list({ 'bine.role': 'image' }, signal);
    return images.flatMap(({ id, tags }) =>
      tags
        .filter((tag) => tag.startsWith(prefix))
        .map((name) => ({ name, image: id, environmentId: name.slice(prefix.length, name.lastIndexOf(':')) })),
    );
  }

  return {
    find: (image, signal) => docker.images.find(image, signal),
    nameOf: (environmentId, tag) => ({ repository: repositoryOf(environmentId), tag }),
    hold: (image, name, signal) => docker.images.tag(image, name, signal),
    async letGo({ repository, tag }) {
      await docker.images.remove(`${repository}:${tag}`);
    },
    async remove(environmentId, signal) {
      for (const one of await names(signal)) if (one.environmentId === environmentId) await docker.images.remove(one.name, signal);
    },
    async removeUnknown(known, signal) {
      const needed = new Set(known.map(({ environmentId, image }) => `${environmentId} ${image}`));
      for (const { name, environmentId, image } of await names(signal)) {
        if (!needed.has(`${environmentId} ${image}`)) await docker.images.remove(name, signal);
      }
    },
  };
}
