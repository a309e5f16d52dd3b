/** What the gateways of tests have on the container engine. It is removed when a gateway is over, and looked for once more when all tests are. */
import { appendFile, readFile } from 'node:fs/promises';
import { askEngine } from '../engine/answer.ts';

/** Names the file in which the gateways of this run are noted. */
export const noteVariable = 'BINE_TEST_GATEWAYS';

const engineMilliseconds = 180_000;

/** Has the whole run look for what it leaves behind. @returns what removes all that it has on the engine, for when it has ended */
export async function noteGateway(gateway: string, host = process.env['DOCKER_HOST']): Promise<() => Promise<void>> {
  const file = process.env[noteVariable];
  if (file) await appendFile(file, `${gateway}\n`);
  const socket = host?.replace('unix://', '') ?? '/var/run/docker.sock';
  return async () => void (await removeFromEngine(socket, { gateways: [gateway] }, AbortSignal.timeout(engineMilliseconds)));
}

/** The gateways that were noted. */
export async function readNotes(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    // No test had a gateway.
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return text.split('\n').filter(Boolean);
}

type Labelled = { Labels: Record<string, string> | null };
type Container = Labelled & { Id: string; Names: string[]; Mounts: { Source?: string }[] };
type Image = Labelled & { Id: string; RepoTags: string[] | null };

/** `late`: an engine may finish it after the gateway that asked for it was killed, so no test need have left it. */
export type Removed = { words: string; late: boolean };

/** `words`: what it is, for people. `path`: where the engine removes it. `gone`: where it says that it has, if somebody else removes it. */
type Found = { words: string; path: string; gone?: string; late?: true };

type Wanted = {
  gateways: Iterable<string>;
  /** Also containers that have something mounted from below it, and whatever else their gateways have. */
  folder?: string;
};

type Search = { ask<T>(path: string, method?: string): Promise<T>; gateways: Set<string>; folder?: string | undefined };

/**
 * Removes the containers, networks, volumes and images of gateways that have ended; one that runs may make more of them at any time. Images
 * that gateways share, such as those of bundled environments, stay.
 * @returns what was there
 */
export async function removeFromEngine(socket: string, { gateways, folder }: Wanted, signal: AbortSignal): Promise<Removed[]> {
  const ask = <T>(path: string, method = 'GET') => askEngine<T>(socket, path, { signal, method });
  const search: Search = { ask, gateways: new Set(gateways), folder };
  const removed: Removed[] = [];
  const problems: unknown[] = [];
  const attempt = (path: string, method: string) => ask(path, method).catch((error: unknown) => problems.push(error));
  // Containers first: they hold the rest.
  for (const find of [findContainers, findNetworks, findVolumes, findImages]) {
    const tried = new Set<string>();
    for (let found = await find(search); found.length > 0; found = await find(search)) {
      // What the engine finished meanwhile is removed in another turn.
      const fresh = found.filter(({ path }) => !tried.has(path));
      if (fresh.length === 0)
        throw new AggregateError(problems, `The engine did not remove ${found.map(({ words }) => words).join(', ')}.`);
      for (const { words, path, gone, late = false } of fresh) {
        tried.add(path);
        removed.push({ words, late });
        const before = problems.length;
        await attempt(path, 'DELETE');
        if (gone && problems.length > before) await attempt(gone, 'POST');
      }
    }
  }
  return removed;
}

const isOf = ({ gateways }: Search, { Labels }: Labelled) => gateways.has(Labels?.['bine.gateway'] ?? '');

async function findContainers(search: Search): Promise<Found[]> {
  const { ask, gateways, folder } = search;
  const all = await ask<Container[]>('/containers/json?all=1');
  const isBelow = ({ Mounts }: Container) => folder !== undefined && Mounts.some(({ Source }) => Source?.startsWith(folder));
  const ours = all.filter((one) => isBelow(one) || isOf(search, one));
  for (const { Labels } of ours) if (Labels?.['bine.gateway']) gateways.add(Labels['bine.gateway']);
  return ours.map(({ Id, Names }) => ({
    words: `the container ${Names[0] ?? Id}`,
    path: `/containers/${Id}?force=1&v=1`,
    gone: `/containers/${Id}/wait?condition=removed`,
  }));
}

async function findNetworks(search: Search): Promise<Found[]> {
  const all = await search.ask<(Labelled & { Id: string; Name: string })[]>('/networks');
  return all
    .filter((one) => isOf(search, one))
    .map(({ Id, Name }) => ({ words: `the network ${Name}`, path: `/networks/${Id}`, late: true }));
}

async function findVolumes(search: Search): Promise<Found[]> {
  const { Volumes } = await search.ask<{ Volumes: (Labelled & { Name: string })[] | null }>('/volumes');
  const ours = (Volumes ?? []).filter((one) => isOf(search, one));
  return ours.map(({ Name }) => ({ words: `the volume ${Name}`, path: `/volumes/${Name}` }));
}

/** Those of projects' environments by their names: the first revision is a bundled image, which has the labels of whoever built that. */
async function findImages(search: Search): Promise<Found[]> {
  const prefixes = [...search.gateways].map((gateway) => `bine/env-${gateway}-`);
  const all = await search.ask<Image[]>('/images/json');
  const names = all.flatMap((image) => {
    const tags = (image.RepoTags ?? []).filter((tag) => !tag.startsWith('<none>'));
    if (isOf(search, image) && tags.length === 0) return [image.Id];
    // Of a recipe that a test made up.
    if (isOf(search, image) && image.Labels?.['bine.image']?.startsWith('test-')) return tags;
    return tags.filter((tag) => prefixes.some((prefix) => tag.startsWith(prefix)));
  });
  return names.map((name) => ({ words: `the image ${name}`, path: `/images/${name}?force=1` }));
}
