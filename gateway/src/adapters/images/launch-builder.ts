/** Starts a container in which packages are looked at and changed. */
import { newId } from '../../lib/id.ts';
import type { PackageRelay } from '../../ports/packages.ts';
import type { Docker } from '../docker/docker.ts';
import { restrictTar } from '../docker/restricted-tar.ts';
import { createMasker } from '../secrets/masking.ts';
import { openAttendant } from './attendant.ts';
import type { Attendant } from './attendant.ts';
import { builderLabel, builderUser } from './build-place.ts';
import type { BuildPlace, Cache } from './build-place.ts';
import { certificates } from './certificates.ts';
import type { BuildSecrets } from '../../ports/builders.ts';

export type Running = { id: string; attendant: Attendant };

export type Launching = {
  docker: Docker;
  place: BuildPlace;
  /** This gateway's id. */
  gateway: string;
  /** Path of `packages.py`. */
  script: string;
  relay: Pick<PackageRelay, 'environment' | 'mounts'>;
};

export const scriptInside = '/bine-source/packages.py';

export type Launch = { image: string; cache: Cache; isChanged: boolean; secrets: BuildSecrets };

/** Its container ends by itself, should the gateway be gone. */
const sleepSeconds = 2 * 3600;
const startMilliseconds = 60_000;
const adoptMilliseconds = 10 * 60_000;

export async function launchBuilder(parts: Launching, { image, cache, isChanged, secrets }: Launch): Promise<Running> {
  const { docker, place, gateway, script, relay } = parts;
  const { mounts = [], ...spec } = await place.spec(cache);
  const container = {
    ...spec,
    image,
    command: ['/bin/sleep', `${sleepSeconds}`],
    labels: { 'bine.gateway': gateway, 'bine.role': 'build' },
    mounts: [...mounts, ...relay.mounts, ...secrets.mounts, { source: script, target: scriptInside, readOnly: true }],
  };
  const id = await docker.create({ ...container, name: `bine-build-${newId()}` });
  try {
    if (!(await isOfBuilder(docker, image))) await adopt(docker, { image, gateway, id, isChanged });
    await docker.start(id);
    const signal = AbortSignal.timeout(startMilliseconds);
    const environment = { ...certificates().environment, ...relay.environment, ...secrets.environment };
    const opening = { container: id, script: scriptInside, environment, masker: createMasker(secrets.values), signal };
    return { id, attendant: await openAttendant(docker, opening) };
  } catch (error) {
    await docker.remove(id);
    throw error;
  }
}

async function isOfBuilder(docker: Docker, image: string): Promise<boolean> {
  const labels = (await docker.images.inspect(image))?.labels ?? {};
  return Object.entries(builderLabel).every(([name, value]) => labels[name] === value);
}

type Adoption = { image: string; gateway: string; id: string; isChanged: boolean };

/**
 * In images of earlier versions the packages are root's. The engine copies them out of one container into the other as the builder's, so
 * that nothing of the image has to run as root for it.
 */
async function adopt(docker: Docker, { image, gateway, id, isChanged }: Adoption): Promise<void> {
  const signal = AbortSignal.timeout(adoptMilliseconds);
  await docker.put(id, { entries: [{ name: 'cache/uv/', size: 0, body: [] }], owner: builderUser }, signal);
  if (!isChanged) return;
  const labels = { 'bine.gateway': gateway, 'bine.role': 'build' };
  const from = await docker.create({ name: `bine-build-${newId()}`, image, command: ['/bin/true'], labels });
  try {
    const archive = await docker.archive(from, '/opt/env', signal);
    await docker.unpack(id, '/opt', restrictTar(archive, { owner: builderUser, under: null }), signal);
  } finally {
    await docker.remove(from);
  }
}
