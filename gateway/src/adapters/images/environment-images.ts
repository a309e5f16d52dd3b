/** The images of environments: each one's tag carries a digest of all it is made from, so that a ready one is known by its name. */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { newId } from '../../lib/id.ts';
import type { Docker } from '../docker/docker.ts';
import { assignments } from './base-image.ts';
import type { BaseImage } from './base-image.ts';
import { buildEnvironment } from './build-place.ts';
import type { BuildPlace } from './build-place.ts';
import { certificates } from './certificates.ts';
import { digestOf } from './recipes.ts';
import type { EnvironmentImages, Recipe } from '../../ports/images.ts';
import { removeOlder } from './remove-older.ts';
import { runAndKeep } from './run-and-keep.ts';

export type EnvironmentImageParts = {
  docker: Docker;
  place: BuildPlace;
  base: BaseImage;
  /** Path of `install.sh`, beside which `describe.py` stands. */
  script: string;
  /** This gateway's id. */
  gateway: string;
};

export async function createEnvironmentImages({ docker, place, base, script, gateway }: EnvironmentImageParts): Promise<EnvironmentImages> {
  const labels = { 'bine.gateway': gateway, 'bine.role': 'build' };
  const description = join(dirname(script), 'describe.py');
  const programs = [await readFile(script, 'utf8'), await readFile(description, 'utf8')];

  async function nameOf(recipe: Recipe, signal: AbortSignal): Promise<{ repository: string; tag: string }> {
    const tag = digestOf(await base.identity(signal), ...programs, recipe.lock?.text ?? '', ...recipe.packages);
    return { repository: `bine/${recipe.name}`, tag };
  }

  async function referenceOf(recipe: Recipe, signal: AbortSignal): Promise<string> {
    const { repository, tag } = await nameOf(recipe, signal);
    return `${repository}:${tag}`;
  }

  return {
    find: async (recipe, signal) => docker.images.find(await referenceOf(recipe, signal), signal),
    inspect: async (recipe, signal) => docker.images.inspect(await referenceOf(recipe, signal), signal),
    async build(recipe, { signal, onLine }) {
      const image = await base.ensure({ signal, onLine });
      const { repository, tag } = await nameOf(recipe, signal);
      onLine(`Installing ${recipe.packages.join(' ')}`);
      const changes = describe(recipe, tag, gateway);
      const { mounts = [], ...spec } = await place.spec('bundled');
      const container = {
        ...spec,
        ...install(recipe, image),
        mounts: [
          ...mounts,
          { source: script, target: '/bine-source/install.sh', readOnly: true },
          { source: description, target: '/bine-source/describe.py', readOnly: true },
          ...(recipe.lock ? [{ source: recipe.lock.path, target: '/bine-source/requirements.lock', readOnly: true }] : []),
        ],
        name: `bine-build-${recipe.name}-${newId()}`,
        labels,
      };
      const id = await runAndKeep(docker, { container, repository, tag, changes }, { signal, onLine });
      await removeOlder(docker, { image: recipe.name, gateway, kept: id }, signal);
      return (await docker.images.inspect(id, signal))!;
    },
    async removeLeftovers(signal) {
      for (const { id } of await docker.list(labels, signal)) await docker.remove(id, signal);
    },
  };
}

function install(recipe: Recipe, image: string) {
  const environment = { ...certificates().environment, ...buildEnvironment };
  return {
    image,
    // The environment is given to the command, not to the container, whose environment the image would inherit.
    command: ['/usr/bin/env', ...assignments(environment), '/bin/sh', '/bine-source/install.sh', ...recipe.packages],
  };
}

function describe(recipe: Recipe, tag: string, gateway: string): string[] {
  return [
    // Containers of an image inherit its labels: these say image, and a kernel's own labels go on top.
    `LABEL bine.role=image bine.image=${recipe.name} bine.recipe=${tag} bine.gateway=${gateway}`,
    'ENV PATH=/opt/env/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin VIRTUAL_ENV=/opt/env',
    'USER bine',
    'WORKDIR /project',
    'CMD ["python3"]',
  ];
}
