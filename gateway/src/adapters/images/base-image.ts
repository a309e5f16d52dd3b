/** The image that environments are built on: found, or made from the first of several origins that can be had. */
import { mkdir } from 'node:fs/promises';
import { Problem } from '@bine/shared/problems';
import { newId } from '../../lib/id.ts';
import type { Docker } from '../docker/docker.ts';
import { builderLabel, builderUser } from './build-place.ts';
import { certificates } from './certificates.ts';
import { withDebian } from './debootstrap.ts';
import type { BaseRecipe } from './recipes.ts';
import { digestOf } from './recipes.ts';
import { removeOlder } from './remove-older.ts';
import { runAndKeep } from './run-and-keep.ts';
import type { BuildProgress } from '../../ports/images.ts';
import { share } from './share.ts';

export type BaseImage = {
  /** Names the base image's content, whether it is there yet or not. */
  identity(signal: AbortSignal): Promise<string>;
  /** Makes it unless it is there. Calls at the same time share one making. @returns its name */
  ensure(progress: BuildProgress): Promise<string>;
};

export type BaseImageParts = {
  docker: Docker;
  recipe: BaseRecipe;
  /** From the configuration; null: ours. */
  named: string | null;
  user: { uid: number; gid: number };
  /** This gateway's id, by which a later start finds what a crash left behind. */
  gateway: string;
  /** For unpacking; on a disk that allows devices and programs. */
  folder: string;
};

const connectMilliseconds = 15_000;
const pullMilliseconds = 15 * 60_000;

export function createBaseImage(parts: BaseImageParts): BaseImage {
  const { docker, recipe, named, user, gateway } = parts;

  async function identity(signal: AbortSignal): Promise<string> {
    const origin = named === null ? '' : ((await docker.images.inspect(named, signal))?.id ?? named);
    return digestOf(recipe.digest, `${user.uid}:${user.gid}`, origin);
  }

  async function make({ signal, onLine }: BuildProgress): Promise<string> {
    const found = `bine/base:${await identity(signal)}`;
    if (await docker.images.inspect(found, signal)) return found;
    const root = await findRoot(parts, { signal, onLine });
    // A named image that had to be pulled first has its identity only now.
    const tag = await identity(signal);
    onLine(`Setting up the base image on ${root}`);
    const kept = await runAndKeep(docker, setup(parts, root, tag), { signal, onLine });
    await removeOlder(docker, { image: 'base', gateway, kept }, signal);
    return `bine/base:${tag}`;
  }

  return { identity, ensure: share(make) };
}

function setup({ recipe, user, gateway }: BaseImageParts, root: string, tag: string) {
  const ca = certificates();
  const environment = {
    ...ca.environment,
    BINE_UID: `${user.uid}`,
    BINE_GID: `${user.gid}`,
    BINE_BUILDER: `${builderUser.uid}`,
  };
  return {
    container: {
      name: `bine-base-${newId()}`,
      image: root,
      // The environment is given to the command, not to the container, whose environment the image would inherit.
      command: ['/usr/bin/env', ...assignments(environment), '/bin/sh', '/bine-source/setup.sh'],
      user: '0:0',
      // Root, as it sets up a system: with nothing but packages of the distribution and our own.
      unconfined: true as const,
      labels: { 'bine.gateway': gateway, 'bine.role': 'build' },
      mounts: [
        ...ca.mounts,
        { source: recipe.setup.script, target: '/bine-source/setup.sh', readOnly: true },
        { source: recipe.setup.folder, target: '/bine-source/base', readOnly: true },
        { source: recipe.setup.supervisor, target: '/bine-source/supervisor', readOnly: true },
      ],
    },
    repository: 'bine/base',
    tag,
    changes: [
      `LABEL bine.role=image bine.image=base bine.recipe=${tag} bine.gateway=${gateway} ${assignments(builderLabel).join(' ')}`,
      'ENV LANG=C.UTF-8 PYTHONUNBUFFERED=1',
      'USER bine',
      'WORKDIR /project',
      'ENTRYPOINT []',
      'CMD ["python3"]',
    ],
  };
}

export function assignments(environment: Record<string, string>): string[] {
  return Object.entries(environment).map(([name, value]) => `${name}=${value}`);
}

/** In this order: the image that the configuration names, one made here before, one pulled, one made from packages. */
async function findRoot(parts: BaseImageParts, progress: BuildProgress): Promise<string> {
  const { docker, recipe, named } = parts;
  const { signal, onLine } = progress;
  if (named !== null) {
    if (!(await docker.images.inspect(named, signal))) await pull(docker, named, progress);
    return named;
  }
  const made = `bine/debian:${digestOf(JSON.stringify(recipe.debootstrap))}`;
  for (const image of [made, recipe.pull]) if (await docker.images.inspect(image, signal)) return image;
  try {
    await pull(docker, recipe.pull, progress);
    return recipe.pull;
  } catch (error) {
    signal.throwIfAborted();
    onLine(`${recipe.pull} cannot be pulled (${error instanceof Error ? error.message : String(error)})`);
  }
  await makeDebian(parts, made, progress);
  return made;
}

async function pull(docker: Docker, reference: string, { signal, onLine }: BuildProgress): Promise<void> {
  onLine(`Pulling ${reference}`);
  const tooLong = new Problem('timeout', `no connection to the registry within ${connectMilliseconds / 1000} s`);
  const given = new AbortController();
  const connecting = setTimeout(() => given.abort(tooLong), connectMilliseconds);
  const shown = new Set<string>();
  try {
    for await (const step of docker.images.pull(
      reference,
      AbortSignal.any([signal, given.signal, AbortSignal.timeout(pullMilliseconds)]),
    )) {
      clearTimeout(connecting);
      if (typeof step.error === 'string') throw new Problem('build-failed', step.error);
      const line = [step.id, step.status].filter((part) => typeof part === 'string').join(': ');
      if (!shown.has(line)) onLine(line);
      shown.add(line);
    }
  } catch (error) {
    throw given.signal.aborted ? tooLong : error;
  } finally {
    clearTimeout(connecting);
  }
}

async function makeDebian({ docker, recipe, folder }: BaseImageParts, name: string, { signal, onLine }: BuildProgress): Promise<void> {
  const [repository, tag] = name.split(':') as [string, string];
  onLine(`Making a Debian ${recipe.debootstrap.suite} from its packages`);
  await mkdir(folder, { recursive: true });
  await withDebian(
    recipe.debootstrap,
    folder,
    async (archive) => {
      onLine('Importing it');
      for await (const step of docker.images.import({ repository, tag, archive }, signal)) {
        if (typeof step.error === 'string') throw new Problem('build-failed', `Importing the base image failed: ${step.error}`);
      }
    },
    { signal, onLine },
  );
}
