/** Environments and kernels on the real engine, without the rest of a gateway; nothing is left when the test is over. */
import { chown, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createBuildLogs } from '../../adapters/disk/build-logs.ts';
import { createAccounts } from '../../adapters/disk/accounts.ts';
import { createDisk } from '../../adapters/disk/disk.ts';
import { createKernelFolders } from '../../adapters/disk/kernel-folders.ts';
import { createDocker } from '../../adapters/docker/docker.ts';
import { parseAllowance, resolveAllowances } from '../../adapters/egress/allowed.ts';
import { createFirewall } from '../../adapters/egress/firewall.ts';
import { createBaseImage } from '../../adapters/images/base-image.ts';
import { certificates } from '../../adapters/images/certificates.ts';
import { createBuildPlace } from '../../adapters/images/build-place.ts';
import { createBuilders } from '../../adapters/images/builders.ts';
import { createEnvironmentImages } from '../../adapters/images/environment-images.ts';
import { createInPlace } from '../../adapters/images/in-place.ts';
import { createProjectImages } from '../../adapters/images/project-images.ts';
import { readBaseRecipe, readRecipes } from '../../adapters/images/recipes.ts';
import type { Recipe } from '../../ports/images.ts';
import { createPackageIndex } from '../../adapters/package-index/package-index.ts';
import { openRelay } from '../../adapters/package-index/relay.ts';
import { createEnvironmentRows } from '../../adapters/store/environments.ts';
import { createKernelRows } from '../../adapters/store/kernels.ts';
import { openStore } from '../../adapters/store/store.ts';
import { createSupervisors } from '../../adapters/supervisor/supervisors.ts';
import { readConfig } from '../../config.ts';
import { noteGateway } from '../../../../cli/src/testing/test-gateways.ts';
import { createChanges } from '../../lib/changes.ts';
import { newId } from '../../lib/id.ts';
import { limitsForTests } from '../capacity/limits.fixture.ts';
import { createEnvironments } from '../environments/environments.ts';
import type { NewEvent } from '../events/events.ts';
import { createFiles } from '../files/files.ts';
import { secretsOn } from '../secrets/secrets.fixture.ts';
import { createKernels } from './kernels.ts';
import { createDockerCompute } from '../../adapters/docker/compute.ts';
import { createProjectNetworks } from '../../adapters/docker/networks.ts';
import type { KernelName, Kernels } from './kernels.ts';

const images = join(import.meta.dirname, '../../../../images');
const { containerUser: user, uidRange } = readConfig([], {});

export type World = Awaited<ReturnType<typeof startWorld>>;

type Options = {
  /** Besides the bundled ones. */
  recipes?: Recipe[];
  /** The engine's address, if not the usual one. */
  host?: string;
};

type GatewayOptions = {
  database?: string;
  now?: () => number;
  /** Settings for uv where packages are changed. */
  forUv?: Record<string, string>;
};

/** A machine with the project `p`, and another one without files, `q`, on which gateways can come and go. */
export async function startWorld(t: TestContext, { recipes = [], host }: Options = {}) {
  const home = await mkdtemp(join(tmpdir(), 'bine-world-'));
  const gateway = newId();
  const removeObjects = await noteGateway(gateway);
  const usual = createDocker({ host: process.env.DOCKER_HOST ?? null });
  const docker = host === undefined ? usual : createDocker({ host });
  const accounts = createAccounts({ folder: join(home, 'accounts'), range: uidRange, shared: user });
  const owner = accounts.ownerOf(uidRange.first + 77);
  const project = { id: newId(), name: 'p', files: join(home, 'files'), bin: join(home, 'bin'), idleMinutes: 60, owner };
  const other = { ...project, id: newId(), name: 'q' };
  await mkdir(project.files);
  if (process.getuid?.() === 0) await chown(project.files, owner.uid, owner.gid);
  const firewall = createFirewall({
    gateway,
    allowed: async () => resolveAllowances((process.env.BINE_ALLOW_EGRESS ?? '').split(',').filter(Boolean).map(parseAllowance)),
    bridges: async () => (await usual.networks.list({ 'bine.gateway': gateway })).map(({ bridge }) => bridge),
    onChange: () => undefined,
  });
  const events = recordEvents();
  const open: AsyncDisposable[] = [];

  t.after(async () => {
    for (const one of open.toReversed()) await one[Symbol.asyncDispose]();
    await removeObjects();
    await firewall[Symbol.asyncDispose]();
    await rm(home, { recursive: true, force: true });
  });

  /** What a gateway makes of its folder. `database`: another one stands for one that was lost. */
  async function startGateway({ database = 'bine.db', now, forUv = {} }: GatewayOptions = {}) {
    const base = createBaseImage({ docker, recipe: await readBaseRecipe(images), named: null, user, gateway, folder: join(home, 'cache') });
    const script = join(images, 'environments/install.sh');
    const store = await openStore(join(home, database));
    const errors: unknown[] = [];
    const onError = (error: unknown) => void errors.push(error);
    const projects = {
      folder: async (name: string) => (name === other.name ? other : project),
      byId: async (id: string) => [project, other].find((one) => one.id === id) ?? null,
    };
    const disk = createDisk();
    const files = createFiles({ disk, projects });
    const relay = await openRelay({ environment: forUv }, join(home, 'relay'));
    const networks = createProjectNetworks({ docker, firewall, gateway, onError });
    const place = createBuildPlace({ docker, gateway, network: () => networks.shared('builds') });
    const packagesProgram = join(images, 'environments/packages.py');
    const secrets = await secretsOn({ db: store.db, home, gateway, project });
    const environments = createEnvironments({
      secrets,
      rows: createEnvironmentRows(store.db),
      builders: createBuilders({ docker, place, gateway, script: packagesProgram, relay, onError }),
      projectImages: createProjectImages({ docker, gateway }),
      index: createPackageIndex(readConfig([], process.env).packageIndex.url),
      projects,
      files,
      onError,
      recipes: [...(await readRecipes(images)), ...recipes],
      images: await createEnvironmentImages({ docker, place, base, script, gateway }),
      logs: createBuildLogs(join(home, 'builds')),
      events,
    });
    const rows = createKernelRows(store.db);
    const folders = createKernelFolders(join(home, 'kernels'));
    const compute = createDockerCompute({ docker, networks, gateway, accountNames: accounts.names, certificates: certificates() });
    const kernels = createKernels({
      compute,
      secrets,
      environments,
      folders,
      supervisors: createSupervisors(),
      projects,
      inPlace: createInPlace(docker, packagesProgram),
      rows,
      events,
      onError,
      ...limitsForTests({ machine: () => docker.capacity() }),
      ...(now && { now }),
    });
    environments.addUsers(kernels.usersOf);
    environments.onRenamed(kernels.renameEnvironment);
    environments.onRevised(kernels.followRevision);
    environments.onJoined(kernels.joinClone);
    const stop = async () => {
      await kernels[Symbol.asyncDispose]();
      await environments[Symbol.asyncDispose]();
      await relay[Symbol.asyncDispose]();
      await files[Symbol.asyncDispose]();
      await disk[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
      open.splice(open.indexOf(disposable), 1);
    };
    const disposable = { [Symbol.asyncDispose]: stop };
    open.push(disposable);
    return { environments, kernels, secrets, rows, folders, errors, db: store.db, stop };
  }

  return { home, gateway, docker, project, accounts, firewall, events, startGateway };
}

function recordEvents() {
  const all: NewEvent[] = [];
  const changes = createChanges();
  return {
    all,
    publish(event: NewEvent) {
      all.push(event);
      changes.ring();
    },
    /** The first event that matches, which may be past already; the test's own deadline ends the wait. */
    async until<T extends NewEvent['type']>(type: T, matches: (data: Extract<NewEvent, { type: T }>['data']) => boolean) {
      for (let next = 0; ; await changes.next(new AbortController().signal)) {
        for (; next < all.length; next++) {
          const event = all[next]!;
          if (event.type === type && matches(event.data as never)) return event.data as Extract<NewEvent, { type: T }>['data'];
        }
      }
    },
  };
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Runs a cell. @returns what it printed, or what it raised */
export async function run(kernels: Kernels, kernel: KernelName, code: string): Promise<string> {
  const done = new AbortController();
  const { records, send } = await kernels.channel(kernel, { user: 'test', signal: done.signal });
  const id = newId();
  const header = {
    msg_id: id,
    msg_type: 'execute_request',
    session: 'test',
    username: 'test',
    date: new Date().toISOString(),
    version: '5.3',
  };
  const content = { code, silent: false, store_history: true, user_expressions: {}, allow_stdin: false, stop_on_error: true };
  const frames = [header, {}, {}, content].map((part) => encoder.encode(JSON.stringify(part)));
  let said = '';
  for await (const record of records) {
    const [, head, parent, , body] = record.frames.map((frame) => decoder.decode(frame));
    const type = JSON.parse(head!).msg_type;
    if (type === 'attached') await send([encoder.encode('shell'), ...frames]);
    if (JSON.parse(parent!).msg_id !== id) continue;
    const message = JSON.parse(body!);
    if (type === 'stream') said += message.text;
    if (type === 'error') said += `${message.ename}: ${message.evalue}`;
    if (type === 'status' && message.execution_state === 'idle') break;
  }
  done.abort();
  return said.trim();
}
