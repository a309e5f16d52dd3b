/**
 * Containers of environments' images in which packages are looked at and changed. One that was not changed is kept warm for a while:
 * who looks at an environment's packages, or asks for a preview, is likely to install something next.
 */
import { delay } from '../../lib/delay.ts';
import { newId } from '../../lib/id.ts';
import type { Docker } from '../docker/docker.ts';
import type { ImagePackage } from '../store/environments.ts';
import { cacheVolume } from './environment-images.ts';
import { certificates } from './certificates.ts';
import { openAttendant } from './attendant.ts';
import type { Attendant } from './attendant.ts';
import { createInside } from './inside.ts';
import type { Inside } from './inside.ts';
import type { Progress } from './run-and-keep.ts';

/** What is wanted of a change. */
export type Wanted = {
  /** As for pip. */
  install: string[];
  uninstall: string[];
  /** Text of a requirements file. */
  requirements: string | null;
  files: WheelFile[];
};

/** `body` has `size` bytes. */
export type WheelFile = { name: string; size: number; body: AsyncIterable<Uint8Array> };

export type Builder = {
  /** All packages in it. */
  inventory(signal: AbortSignal): Promise<ImagePackage[]>;
  /** @throws Problem `build-failed` with the resolver's complaint */
  preview(wanted: Wanted, progress: Progress): Promise<void>;
  /** @returns as `inventory`, without the hashes that the index has to be asked for. @throws Problem `build-failed` */
  change(wanted: Wanted, progress: Progress): Promise<ImagePackage[]>;
  /** Asked after a change, also while the container is kept. @throws Problem `build-failed` unless what is in it now fits together */
  fits(signal: AbortSignal): Promise<void>;
  /** What the index says of pins, such as `six==1.17.0`. May be asked while the container is kept. */
  hashes(pins: string[], signal: AbortSignal): Promise<Record<string, string[]>>;
  /** As `pack`, read to its end; null if the files are of more than `most` bytes. May be asked while the container is kept. */
  archive(names: string[], most: number, signal: AbortSignal): Promise<Uint8Array[] | null>;
  /** A tar archive of the files of these packages, relative to `/`. */
  pack(names: string[], signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  /** Makes it an image. It is not cut short: the engine would make the image all the same, and nobody would know. @returns its digest */
  keep(name: { repository: string; tag: string }): Promise<string>;
};

export type Builders = {
  /** In a container of the image, which is gone afterwards if it was changed or the work failed. */
  use<T>(image: string, signal: AbortSignal, work: (builder: Builder) => Promise<T>): Promise<T>;
  /** Has a container ready for who comes next. */
  warm(image: string): void;
  /** No container that waits for somebody stands in the way of removing these images. */
  letGo(images: readonly string[]): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

export type BuildersParts = {
  docker: Docker;
  /** This gateway's id. */
  gateway: string;
  /** Path of `packages.py`. */
  script: string;
  /** Settings for uv, such as the package index. */
  environment: Record<string, string>;
  onError: (error: unknown) => void;
};

/** Milliseconds. */
const idle = 5 * 60_000;
/** One that is older is not used again; its container ends by itself, should the gateway be gone, after twice as long and an hour. */
const oldest = 30 * 60_000;
const sleepSeconds = 2 * 3600;
const mostIdle = 3;
const startMilliseconds = 60_000;
/** What the engine is only asked to do for later waits so long: it would take the processor from who waits for the change. */
const breath = 1000;

type Running = { id: string; attendant: Attendant };
type Container = { running: Promise<Running>; image: string; born: number };

export function createBuilders(parts: BuildersParts): Builders {
  const { docker, onError } = parts;
  const environment = { ...certificates().environment, ...parts.environment };
  const inside = createInside(docker, environment);
  const ready: { container: Container; timer: NodeJS.Timeout }[] = [];
  const all = new Set<Container>();
  const leaving = new Set<Promise<void>>();
  /** Images of which a container is to be ready in a moment. */
  const wanted = new Set<string>();
  const closing = new AbortController();
  let hurry = new AbortController();

  function start(image: string): Container {
    const container = { running: launch(parts, image, environment), image, born: Date.now() };
    all.add(container);
    return container;
  }

  const later = () => delay(breath, AbortSignal.any([closing.signal, hurry.signal]));

  async function remove(container: Container): Promise<void> {
    const running = await container.running.catch(() => null);
    running?.attendant.leave();
    if (running) await docker.remove(running.id);
    all.delete(container);
  }

  function discard(container: Container): void {
    const gone = later()
      .then(() => remove(container))
      .catch(onError)
      .finally(() => leaving.delete(gone));
    leaving.add(gone);
  }

  function putBack(container: Container): void {
    const another = ready.some((one) => one.container.image === container.image);
    if (closing.signal.aborted || another || Date.now() - container.born > oldest) return discard(container);
    const timer = setTimeout(() => take((one) => one === container).forEach(discard), idle);
    ready.push({ container, timer });
    if (ready.length > mostIdle) take((one) => one === ready[0]!.container).forEach(discard);
  }

  async function warmLater(image: string): Promise<void> {
    await later();
    const isThere = ready.some(({ container }) => container.image === image);
    if (wanted.delete(image) && !isThere && !closing.signal.aborted) putBack(start(image));
  }

  function take(isMeant: (container: Container) => boolean): Container[] {
    const index = ready.findIndex(({ container }) => isMeant(container));
    if (index === -1) return [];
    const [{ container, timer }] = ready.splice(index, 1) as [(typeof ready)[number]];
    clearTimeout(timer);
    return [container];
  }

  /** One that is kept warm, unless the engine or somebody else has ended it. */
  async function takeRunning(image: string): Promise<Container | null> {
    for (;;) {
      const [container] = take((one) => one.image === image);
      if (!container) return null;
      const running = await container.running.catch(() => null);
      if (running?.attendant.alive() && Date.now() - container.born < oldest) return container;
      discard(container);
    }
  }

  return {
    async use(image, signal, work) {
      signal.throwIfAborted();
      const container = (await takeRunning(image)) ?? start(image);
      let usable = false;
      try {
        const builder = createBuilder(await container.running, parts, inside);
        const result = await work(builder);
        usable = !builder.changed;
        return result;
      } finally {
        // Nobody waits for one to be gone; closing does.
        if (usable) putBack(container);
        else discard(container);
      }
    },
    warm(image) {
      wanted.add(image);
      void warmLater(image);
    },
    async letGo(images) {
      for (const image of images) {
        wanted.delete(image);
        take((one) => one.image === image).forEach(discard);
      }
      hurry.abort();
      hurry = new AbortController();
      await Promise.all(leaving);
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      for (const { timer } of ready) clearTimeout(timer);
      await Promise.all([...all].map(remove));
    },
  };
}

async function launch({ docker, gateway, script }: BuildersParts, image: string, environment: Record<string, string>): Promise<Running> {
  await docker.volumes.create(cacheVolume, { 'bine.role': 'cache' });
  const id = await docker.create({
    name: `bine-build-${newId()}`,
    image,
    command: ['sleep', `${sleepSeconds}`],
    user: '0:0',
    labels: { 'bine.gateway': gateway, 'bine.role': 'build' },
    mounts: [
      ...certificates().mounts,
      { source: script, target: scriptInside, readOnly: true },
      { source: cacheVolume, target: '/cache/uv', volume: true },
    ],
  });
  try {
    await docker.start(id);
    const signal = AbortSignal.timeout(startMilliseconds);
    return { id, attendant: await openAttendant(docker, { container: id, script: scriptInside, environment, signal }) };
  } catch (error) {
    await docker.remove(id);
    throw error;
  }
}

const scriptInside = '/bine-source/packages.py';
const folder = '/bine-change';

function createBuilder(
  { id, attendant }: Running,
  { docker, gateway }: BuildersParts,
  inside: Inside,
): Builder & { readonly changed: boolean } {
  let changed = false;
  const quietly = (signal: AbortSignal) => ({ signal, onLine: () => undefined });

  async function bring({ requirements, files }: Wanted, signal: AbortSignal): Promise<void> {
    const entries = files.map(({ name, ...file }) => ({ ...file, name: `${folder.slice(1)}/wheels/${name}` }));
    const text = requirements === null ? [] : [Buffer.from(requirements)];
    for (const body of text) entries.push({ name: `${folder.slice(1)}/requirements.txt`, size: body.length, body: oneBlock(body) });
    if (entries.length > 0) await docker.put(id, '/', entries, signal);
  }

  return {
    get changed() {
      return changed;
    },
    inventory: async (signal) => (await attendant.order('inventory', {}, quietly(signal))).packages,
    async preview(wanted, progress) {
      await bring(wanted, progress.signal);
      await attendant.order('preview', { folder, install: wanted.install, uninstall: wanted.uninstall }, progress);
    },
    async change(wanted, progress) {
      changed = true;
      await bring(wanted, progress.signal);
      const { install, uninstall } = wanted;
      return (await attendant.order('change', { folder, install, uninstall }, progress)).packages;
    },
    fits: async (signal) => void (await attendant.order('fits', {}, quietly(signal))),
    async hashes(pins, signal) {
      if (pins.length === 0) return {};
      return (await attendant.order('hashes', { pins }, quietly(signal))).hashes;
    },
    async archive(names, most, signal) {
      const { parts } = await attendant.order('archive', { names, most }, quietly(signal));
      return parts.length > 0 ? parts : null;
    },
    pack: (names, signal) => inside.bytes({ container: id, program: [scriptInside], command: 'pack' }, { names }, signal),
    keep: ({ repository, tag }) => docker.commit(id, { repository, tag, changes: describe(repository, gateway) }),
  };
}

async function* oneBlock(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

/** What the container has for the time of the build must not stand in the image. */
function describe(repository: string, gateway: string): string[] {
  return [`LABEL bine.role=image bine.image=${repository.replace('bine/', '')} bine.gateway=${gateway}`, 'USER bine', 'CMD ["python3"]'];
}
