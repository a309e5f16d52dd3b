/**
 * Containers of environments' images in which packages are looked at and changed. One that was not changed is kept warm for a while:
 * who looks at an environment's packages, or asks for a preview, is likely to install something next.
 */
import { delay } from '../../lib/delay.ts';
import type { Docker } from '../docker/docker.ts';
import type { Builder, BuilderPlace, Builders, BuildSecrets, WantedPackages } from '../../ports/builders.ts';
import type { PackageRelay } from '../../ports/packages.ts';
import { assignments } from './base-image.ts';
import { builderLabel, builderUser } from './build-place.ts';
import type { BuildPlace } from './build-place.ts';
import { certificates } from './certificates.ts';
import { createInside } from './inside.ts';
import type { Inside } from './inside.ts';
import { launchBuilder, scriptInside } from './launch-builder.ts';
import type { Running } from './launch-builder.ts';

export type BuildersParts = {
  docker: Docker;
  place: BuildPlace;
  /** This gateway's id. */
  gateway: string;
  /** Path of `packages.py`. */
  script: string;
  /** Package indexes, as builds may know them. */
  relay: Pick<PackageRelay, 'environment' | 'mounts'>;
  onError: (error: unknown) => void;
};

/** Milliseconds. */
const idle = 5 * 60_000;
/** One that is older is not used again. */
const oldest = 30 * 60_000;
const mostIdle = 3;
/** What the engine is only asked to do for later waits so long: it would take the processor from who waits for the change. */
const breath = 1000;

const noSecrets: BuildSecrets = { mounts: [], environment: {}, values: [] };

type Use<T> = { where: BuilderPlace; signal: AbortSignal; work: (builder: Builder) => Promise<T>; secrets?: BuildSecrets };

type Container = { running: Promise<Running>; where: BuilderPlace; born: number };

export function createBuilders(parts: BuildersParts): Builders {
  const { docker, place, onError } = parts;
  const inside = createInside(docker, { ...certificates().environment, ...parts.relay.environment });
  const ready: { container: Container; timer: NodeJS.Timeout }[] = [];
  const all = new Set<Container>();
  const leaving = new Set<Promise<void>>();
  /** Where a container is to be ready in a moment, by its key. */
  const wanted = new Set<string>();
  const closing = new AbortController();
  let hurry = new AbortController();

  function start(where: BuilderPlace, secrets?: BuildSecrets): Container {
    const { image, project } = where;
    const cache = project === null || secrets ? 'none' : { project };
    const launch = { image, cache, isChanged: project !== null, secrets: secrets ?? noSecrets } as const;
    const container = { running: launchBuilder(parts, launch), where, born: Date.now() };
    // Who uses it is told. One that is kept warm is looked at when it is taken, and nobody waits for it until then.
    container.running.catch(() => undefined);
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
    const another = ready.some((one) => isSame(one.container.where, container.where));
    if (closing.signal.aborted || another || Date.now() - container.born > oldest) return discard(container);
    const timer = setTimeout(() => take((one) => one === container).forEach(discard), idle);
    ready.push({ container, timer });
    if (ready.length > mostIdle) take((one) => one === ready[0]!.container).forEach(discard);
  }

  async function warmLater(where: BuilderPlace): Promise<void> {
    await later();
    const isThere = ready.some(({ container }) => isSame(container.where, where));
    if (wanted.delete(keyOf(where)) && !isThere && !closing.signal.aborted) putBack(start(where));
  }

  function take(isMeant: (container: Container) => boolean): Container[] {
    const index = ready.findIndex(({ container }) => isMeant(container));
    if (index === -1) return [];
    const [{ container, timer }] = ready.splice(index, 1) as [(typeof ready)[number]];
    clearTimeout(timer);
    return [container];
  }

  /** One that is kept warm, unless the engine or somebody else has ended it. */
  async function takeRunning(where: BuilderPlace): Promise<Container | null> {
    for (;;) {
      const [container] = take((one) => isSame(one.where, where));
      if (!container) return null;
      const running = await container.running.catch(() => null);
      if (running?.attendant.alive() && Date.now() - container.born < oldest) return container;
      discard(container);
    }
  }

  async function discardAll(isMeant: (where: BuilderPlace) => boolean): Promise<void> {
    for (const key of wanted) if (isMeant(JSON.parse(key) as BuilderPlace)) wanted.delete(key);
    for (let [one] = take(({ where }) => isMeant(where)); one; [one] = take(({ where }) => isMeant(where))) discard(one);
    hurry.abort();
    hurry = new AbortController();
    await Promise.all(leaving);
  }

  async function use<T>({ where, signal, work, secrets }: Use<T>): Promise<T> {
    signal.throwIfAborted();
    const container = (where.project === null || secrets ? null : await takeRunning(where)) ?? start(where, secrets);
    let usable = false;
    try {
      const builder = createBuilder(await container.running, parts, inside);
      const result = await work(builder);
      usable = !builder.changed && where.project !== null && !secrets;
      return result;
    } finally {
      // Nobody waits for one to be gone; closing does.
      if (usable) putBack(container);
      else discard(container);
    }
  }

  return {
    user: builderUser,
    use: (where, signal, work) => use({ where, signal, work }),
    useWith: (secrets, where, signal, work) => use({ where, signal, work, secrets }),
    warm(where) {
      wanted.add(keyOf(where));
      void warmLater(where);
    },
    async letGo(images) {
      await discardAll(({ image }) => images.includes(image));
    },
    async forgetProject(project) {
      await discardAll((where) => where.project === project);
      await place.removeCache(project);
    },
    removeOldCaches: place.removeOldCaches,
    async [Symbol.asyncDispose]() {
      closing.abort();
      for (const { timer } of ready) clearTimeout(timer);
      await Promise.all([...[...all].map(remove), ...leaving]);
    },
  };
}

/** Sticky folders of the image: what a build left there does not stand in the way, as the engine replaces it. */
const folder = '/tmp/bine-change';

function createBuilder(
  { id, attendant }: Running,
  { docker, gateway }: BuildersParts,
  inside: Inside,
): Builder & { readonly changed: boolean } {
  let changed = false;
  const quietly = (signal: AbortSignal) => ({ signal, onLine: () => undefined });

  async function bring({ requirements, files }: WantedPackages, signal: AbortSignal): Promise<void> {
    const text = requirements === null ? [] : [Buffer.from(requirements)];
    if (files.length + text.length === 0) return;
    const at = folder.slice(1);
    const folders = [`${at}/`, `${at}/wheels/`].map((name) => ({ name, size: 0, body: [] }));
    const entries = [
      ...folders,
      ...files.map(({ name, ...file }) => ({ ...file, name: `${at}/wheels/${name}` })),
      ...text.map((body) => ({ name: `${at}/requirements.txt`, size: body.length, body: [body] })),
    ];
    await docker.put(id, { entries, owner: builderUser }, signal);
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

/** Of the same project, too. */
const keyOf = ({ image, project }: BuilderPlace) => JSON.stringify({ image, project });
const isSame = (one: BuilderPlace, other: BuilderPlace) => keyOf(one) === keyOf(other);

/** What the container has for the time of the build must not stand in the image. */
function describe(repository: string, gateway: string): string[] {
  return [
    `LABEL bine.role=image bine.image=${repository.replace('bine/', '')} bine.gateway=${gateway} ${assignments(builderLabel).join(' ')}`,
    'USER bine',
    'CMD ["python3"]',
  ];
}
