/** Looks for values in every place where somebody else than the program could find them. */
import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createDocker } from '../../gateway/src/adapters/docker/docker.ts';
import type { TestGateway } from '../vscode/gateway.ts';

const run = promisify(execFile);
const largest = 2 ** 28;

/** Where a value was found. */
export type Found = { where: string; value: string };
export type Search = { values: readonly string[]; found: Found[] };

/** As it is and as it is written elsewhere. */
const formsOf = (value: string): string[] => [
  value,
  ...[0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), Buffer.from(value)])
      .toString('base64')
      .replaceAll('=', '')
      .slice([0, 2, 3][shift], -1),
  ),
  encodeURIComponent(value),
  JSON.stringify(value).slice(1, -1),
];

/** Everywhere, but for the programs in the containers and the folders in memory that are theirs alone. */
export async function searchEverywhere(gateway: TestGateway, project: string, values: readonly string[]): Promise<Search> {
  const all = { values, found: [] };
  const { gateway: id } = JSON.parse(await readFile(join(gateway.home, 'gateway.json'), 'utf8')) as { gateway: string };
  const docker = createDocker({ host: process.env['DOCKER_HOST'] ?? null });
  const running = (await docker.list({ 'bine.gateway': id })).map((container) => container.id);
  const programs = new Set((await Promise.all(running.map(programsOf))).flat());
  await searchFolder(all, gateway.home);
  await searchProcesses(all, programs);
  await searchEngine(all, running);
  await searchImages(all, id);
  await searchApi(all, gateway, project);
  return all;
}

function look({ values, found }: Search, where: string, content: Buffer | string): void {
  for (const value of values) if (formsOf(value).some((form) => content.includes(form))) found.push({ where, value });
}

async function lookInFile(search: Search, path: string): Promise<void> {
  const kept = Math.max(...search.values.map((value) => value.length * 2));
  let tail: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 22 })) {
      const content = Buffer.concat([tail, chunk as Buffer]);
      look(search, path, content);
      tail = content.subarray(-kept);
    }
  } catch (error) {
    // Sockets, and what went meanwhile.
    if (!['ENXIO', 'ENOENT', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

/** All files below a folder: database, logs, snapshots, results, notebooks. */
async function searchFolder(search: Search, folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) await lookInFile(search, join(entry.parentPath, entry.name));
  }
}

/** What the engine tells of the gateway's containers and their images, and all that is in their file systems. */
async function searchEngine(search: Search, containers: readonly string[]): Promise<void> {
  for (const container of containers) {
    await searchContainer(search, container).catch((error: Error) => {
      // That of a build ends by itself, after it was listed.
      if (!/No such (object|container)/.test(error.message)) throw error;
    });
  }
}

async function searchContainer(search: Search, container: string): Promise<void> {
  const docker = (...words: string[]) => run('docker', words, { maxBuffer: largest, encoding: 'buffer' });
  const { stdout: inspected } = await docker('inspect', container);
  look(search, `docker inspect ${container}`, inspected);
  const logs = await docker('logs', container);
  look(search, `docker logs ${container}`, Buffer.concat([logs.stdout, logs.stderr]));
  const [{ Image: image }] = JSON.parse(inspected.toString()) as [{ Image: string }];
  look(search, `docker history ${image}`, (await docker('history', '--no-trunc', image)).stdout);
  look(search, `docker inspect ${image}`, (await docker('inspect', image)).stdout);
  // Whatever is in the container and not in its image.
  for (const path of await changedFiles(container)) {
    look(search, `${container}:${path}`, (await docker('cp', `${container}:${path}`, '-')).stdout);
  }
}

/** Those that the gateway made for environments: their layers, with what a later one has removed, and how they were made. */
async function searchImages({ values, found }: Search, gateway: string): Promise<void> {
  const { stdout: listed } = await run('docker', ['images', '--quiet', '--no-trunc', '--filter', `reference=bine/env-${gateway}-*`]);
  const forms = values.flatMap(formsOf).flatMap((form) => ['-e', form]);
  for (const image of new Set(listed.split('\n').filter(Boolean))) {
    // 1: nothing was found.
    const search = '{ docker save "$0" && docker history --no-trunc "$0"; } | { LC_ALL=C grep -aoF "$@" || [ $? = 1 ]; }';
    const { stdout } = await run('bash', ['-o', 'pipefail', '-c', search, image, ...forms], { maxBuffer: largest });
    look({ values, found }, `docker save ${image}`, stdout);
  }
}

/** Mounts are no part of a container's file system, and are looked at where they are. */
async function changedFiles(container: string): Promise<string[]> {
  const { stdout } = await run('docker', ['diff', container], { maxBuffer: largest });
  const changed = stdout.split('\n').flatMap((line) => (/^[AC] /.test(line) ? [line.slice(2)] : []));
  return changed.filter((path) => !changed.some((other) => other.startsWith(`${path}/`)) && !path.startsWith('/run/secrets'));
}

/** Environment and command line of each process, of which `allowed` says that it may know. */
async function searchProcesses(search: Search, allowed: ReadonlySet<number>): Promise<void> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)) {
    if (allowed.has(pid) || pid === process.pid) continue;
    for (const file of ['environ', 'cmdline']) {
      // A process that ended, or a kernel thread.
      const content = await readFile(`/proc/${pid}/${file}`).catch(() => Buffer.alloc(0));
      look(search, `/proc/${pid}/${file} of ${await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '?')}`, content);
    }
  }
}

/** All that the API tells, as the administrator sees it. */
async function searchApi(search: Search, gateway: TestGateway, project: string): Promise<void> {
  const { api } = gateway;
  const jobs = await api.jobs.list({ project });
  const executions = await api.executions.list({ project });
  const kernels = await api.kernels.list({ project, ended: true });
  const told: unknown[] = [jobs, executions, kernels, await api.secrets.list({ project }), await api.secrets.listMine({})];
  for (const { id } of kernels) told.push(await api.kernels.executions({ project, kernel: id }));
  for (const { id, ended } of executions) {
    if (ended !== null) for await (const line of await api.executions.log({ project, execution: id })) told.push(line);
    told.push(await api.executions.results({ project, execution: id }));
  }
  look(search, 'the API', JSON.stringify([told, await environmentsOf(gateway, project)]));
  look(search, 'the events', JSON.stringify(await eventsSoFar(gateway, project)));
  look(search, 'the log of the gateway', gateway.output());
}

/** The project's own, with how they came to be. */
async function environmentsOf({ api }: TestGateway, project: string): Promise<unknown[]> {
  const told: unknown[] = [];
  for (const { name: environment, bundled } of await api.environments.list({ project })) {
    if (bundled) continue;
    const changes = await api.environments.changes({ project, environment });
    told.push(environment, changes, await api.environments.packages({ project, environment }));
    for (const { number: revision } of await api.environments.revisions({ project, environment })) {
      told.push(await api.environments.revision({ project, environment, revision }));
    }
    for (const { id: change } of changes) {
      for await (const line of await api.environments.log({ project, environment, change })) told.push(line);
    }
  }
  return told;
}

/** Up to one that is made for this. */
async function eventsSoFar({ api }: TestGateway, project: string): Promise<unknown[]> {
  const done = new AbortController();
  const events: unknown[] = [];
  const following = await api.events.subscribe({ after: 0 }, { signal: done.signal });
  const mark = `Marked at ${Date.now()}`;
  await api.projects.update({ project, description: mark });
  for await (const event of following) {
    events.push(event);
    if (event.type === 'project.changed' && event.data.description === mark) break;
  }
  done.abort();
  return events;
}

/** The processes of a container besides its first one, by their pids on the host. */
async function programsOf(container: string): Promise<number[]> {
  const { stdout } = await run('docker', ['top', container, '-eo', 'pid']).catch((error: Error) => {
    // It ended after it was listed.
    if (/No such container|is not running/.test(error.message)) return { stdout: '' };
    throw error;
  });
  const [, ...pids] = stdout.trim().split('\n').map(Number);
  return pids.filter(Number.isInteger).slice(1);
}
