/** Composes the gateway: adapters below, domains on them, the API on top. Who is made later goes first. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { Problem } from '@bine/shared/problems';
import manifest from '../package.json' with { type: 'json' };
import { createAccounts, refuseTaken } from './adapters/disk/accounts.ts';
import type { Disk } from './ports/files.ts';
import type { PackageRelay } from './ports/packages.ts';
import type { Vault } from './ports/secrets.ts';
import type { Space } from './ports/space.ts';
import { openAuditLog } from './adapters/disk/audit-log.ts';
import { createBuildLogs } from './adapters/disk/build-logs.ts';
import { createDisk } from './adapters/disk/disk.ts';
import { createExecutionFolders } from './adapters/disk/execution-folders.ts';
import { createKernelFolders } from './adapters/disk/kernel-folders.ts';
import { createSnapshotStore } from './adapters/disk/snapshot-store.ts';
import { measureDisk } from './adapters/disk/measure.ts';
import { createSpace } from './adapters/disk/space.ts';
import { createDockerCompute } from './adapters/docker/compute.ts';
import { createProjectNetworks } from './adapters/docker/networks.ts';
import type { ProjectNetworks } from './adapters/docker/networks.ts';
import { createDocker } from './adapters/docker/docker.ts';
import type { Docker } from './adapters/docker/docker.ts';
import { createBaseImage } from './adapters/images/base-image.ts';
import { resolveAllowances } from './adapters/egress/allowed.ts';
import { createGit } from './adapters/git/git.ts';
import { certificates } from './adapters/images/certificates.ts';
import { createBuildPlace } from './adapters/images/build-place.ts';
import { createBuilders } from './adapters/images/builders.ts';
import { createEnvironmentImages } from './adapters/images/environment-images.ts';
import { createInPlace } from './adapters/images/in-place.ts';
import { createProjectImages } from './adapters/images/project-images.ts';
import { readBaseRecipe, readRecipes } from './adapters/images/recipes.ts';
import { createPackageIndex } from './adapters/package-index/package-index.ts';
import { createSecretDelivery } from './adapters/secrets/delivery.ts';
import { openRelay } from './adapters/package-index/relay.ts';
import { openVault } from './adapters/secrets/vault.ts';
import { createAccessRows } from './adapters/store/access.ts';
import { followLog } from './adapters/runner/log.ts';
import { addNote } from './adapters/runner/note.ts';
import { readEnd, readProgress, readUsage, watchFolder } from './adapters/runner/told.ts';
import { createEnvironmentRows } from './adapters/store/environments.ts';
import { keepBackups, refuseLostDatabase } from './adapters/store/backups.ts';
import { createEventRows } from './adapters/store/events.ts';
import { createExecutionRows } from './adapters/store/executions.ts';
import { createGitRows } from './adapters/store/git.ts';
import { createFolders } from './adapters/store/folders.ts';
import { certificateFile, openHome } from './adapters/store/home.ts';
import type { Home } from './adapters/store/home.ts';
import { createJobRows } from './adapters/store/jobs.ts';
import { createLimitRows } from './adapters/store/limits.ts';
import { createKernelRows } from './adapters/store/kernels.ts';
import { createProjectRows } from './adapters/store/projects.ts';
import { createSecretRows } from './adapters/store/secrets.ts';
import { createScheduleRows } from './adapters/store/schedules.ts';
import { gatewayId } from './adapters/store/settings.ts';
import { flush, openStore } from './adapters/store/store.ts';
import type { Database } from './adapters/store/store.ts';
import { createSupervisors } from './adapters/supervisor/supervisors.ts';
import type { Config } from './config.ts';
import { createAccess } from './domains/access/access.ts';
import type { Access } from './domains/access/access.ts';
import { nobody } from './domains/access/principal.ts';
import { createAudit } from './domains/audit/audit.ts';
import { createAdmission } from './domains/capacity/admission.ts';
import { createCapacity } from './domains/capacity/capacity.ts';
import { createDiskUse } from './domains/capacity/disk-use.ts';
import { guardFiles, guardGit, guardSnapshots } from './domains/capacity/guards.ts';
import { createLimits } from './domains/capacity/limits.ts';
import { createEnvironments } from './domains/environments/environments.ts';
import type { Environments } from './domains/environments/environments.ts';
import { createEvents } from './domains/events/events.ts';
import type { Events } from './domains/events/events.ts';
import { createFiles } from './domains/files/files.ts';
import type { Files } from './domains/files/files.ts';
import { sealedTokens } from './domains/git/credentials.ts';
import { createGitDomain } from './domains/git/git.ts';
import type { GitDomain } from './domains/git/git.ts';
import { createJobs } from './domains/jobs/jobs.ts';
import type { Jobs } from './domains/jobs/jobs.ts';
import { createKernels } from './domains/kernels/kernels.ts';
import type { Kernels } from './domains/kernels/kernels.ts';
import { createProjects } from './domains/projects/projects.ts';
import type { Projects } from './domains/projects/projects.ts';
import { createRotation } from './domains/secrets/rotation.ts';
import { createSecrets, sealedSecrets } from './domains/secrets/secrets.ts';
import type { Secrets } from './domains/secrets/secrets.ts';
import { createSystem } from './domains/system/system.ts';
import { createApiServer } from './faces/api/server.ts';
import { remembered } from './lib/remembered.ts';
import { secretPlaces } from './lib/secret-places.ts';
import type { Log } from './lib/log.ts';
import { openTls, refuseInsecure, urlOf } from './listening.ts';
import type { Compute } from './ports/compute.ts';
import type { TlsSource } from './ports/tls.ts';
import { composeFirewall } from './compose-firewall.ts';
import { takeOverProjects } from './take-over-projects.ts';

export type Gateway = {
  url: string;
  address: AddressInfo;
  /** Until then everything but its health is answered with 503. Rejects when the gateway cannot find out what runs. */
  ready: Promise<void>;
  /** Stops answering; kernels run on. */
  [Symbol.asyncDispose](): Promise<void>;
};

const { version } = manifest;
const images = join(dirname(import.meta.dirname), '..', 'images');
const packagesProgram = join(images, 'environments', 'packages.py');

/** Resolves when it listens. @throws Problem conflict if another gateway holds the same home */
export async function createGateway(config: Config, log: Log): Promise<Gateway> {
  refuseInsecure(config);
  await using made = new AsyncDisposableStack();
  const home = made.use(await openHome(config.home));
  const onError = (err: unknown) => log.error({ err }, 'unexpected error');
  const tls = made.use(await composeTls(config, { home, onError }));
  if (config.insecure && !tls) log.warn({ host: config.host }, 'keys travel unencrypted (--insecure)');
  const space = made.use(createSpace({ folder: config.home, leastFree: config.leastFree, onError }));
  const database = home.path('bine.db');
  await refuseLostDatabase(database, home.path('projects'));
  const { db } = made.use(await openStore(database, { makeRoom: space.useReserve }));
  made.use(keepBackups(database, { mayWrite: () => space.now().state === 'ok', onError }));
  const docker = createDocker({ host: config.docker });
  await refuseTaken(config.uidRange);
  const accounts = createAccounts({ folder: home.path('accounts'), range: config.uidRange, shared: config.containerUser });
  const parts: Parts = {
    config,
    home,
    db,
    docker,
    gateway: await gatewayId(db),
    refuseNewWork: space.refuseNewWork,
    shortage: space.shortage,
    onError,
  };

  const auditLog = made.use(openAuditLog({ folder: home.path('audit'), keep: { segments: 20, days: config.auditDays } }));
  const audit = made.use(await createAudit({ ...parts, log: auditLog }));
  const access = made.use(createAccess({ ...parts, rows: createAccessRows(db) }));
  const secret = await home.readKey();
  const working = await access.administratorSecret(secret);
  if (working !== secret) await home.writeKey(working);
  const events = made.use(await createEvents({ ...parts, rows: createEventRows(db) }));
  space.onChange((data) => events.publish({ type: 'disk.changed', project: null, data }));
  const projects = createProjects({
    rows: createProjectRows(db),
    folders: createFolders(home.path('projects')),
    accounts,
    events,
  });
  const disk = made.use(createDisk());
  const plainFiles = made.use(createFiles({ disk, projects }));
  const relay = made.use(await openRelay(config.packageIndex, home.path('relay')));
  const vault = await openVault(home.path('secrets.key'));
  const secrets = composeSecrets(parts, { projects, vault });
  const sealed = [sealedSecrets(createSecretRows(db)), sealedTokens(createGitRows(db))];
  const rotation = createRotation({ vault, tables: sealed, flush: () => flush(db) });
  const firewall = made.use(composeFirewall(parts, log));
  const networks = made.use(createProjectNetworks({ ...parts, firewall }));
  const environments = made.use(await composeEnvironments(parts, { events, projects, files: plainFiles, relay, networks, secrets }));
  const compute = createDockerCompute({ ...parts, networks, accountNames: accounts.names, certificates: certificates() });
  const neighbours = { environments, projects, events, compute, secrets };
  const domainsOf = { kernels: () => kernels, jobs: () => jobs };
  const limits = made.use(await composeLimits(parts, { projects, compute, ...domainsOf }));
  const kernels: Kernels = made.use(composeKernels(parts, { ...neighbours, ...limits }));
  const git = made.use(await composeGit(parts, { projects, events, disk, vault, files: plainFiles }));
  const jobs: Jobs = made.use(composeJobs(parts, { ...neighbours, ...limits, disk, git, access }));
  limits.store.onChange(jobs.lookAgain);
  access.onUserChanged(async (name) => {
    if (await access.findUser(name)) return;
    const cause = userDeleted(name);
    await Promise.all([kernels.endUser(name, cause), jobs.endUser(name, cause)]);
  });
  const files = followNotebooks(guardFiles(plainFiles, { projects, disk: limits.diskUse }), kernels);

  let isReady = false;
  const state = { version, isReady: () => isReady };
  const system = createSystem({ ...parts, ...state, compute, space, egress: firewall.state, kernels: kernels.count });
  const guarded = { projects, disk: limits.diskUse };
  const capacity = createCapacity({
    ...limits,
    limits: limits.store,
    disk: limits.diskUse,
    projects,
    events,
    jobs: jobs.uses,
    waiting: jobs.waiting,
  });
  const domains = {
    system,
    access,
    projects,
    capacity,
    files,
    environments,
    kernels,
    secrets,
    rotation,
    events,
    audit,
    jobs: { ...jobs, snapshots: guardSnapshots(jobs.snapshots, guarded) },
    git: guardGit(git, guarded),
  };
  const trustedHosts = [...config.trustedHosts, ...(tls?.names() ?? [])];
  const api = made.use(await createApiServer({ domains, tls, trustedHosts, log, noSpace: space.problem, ...state }));
  api.http.listen(config.port, config.host);
  await once(api.http, 'listening');
  const address = api.http.address() as AddressInfo;
  const url = urlOf(address, tls);
  made.use(await home.announce({ url, certificate: tls && certificateFile, pid: process.pid, version, gateway: parts.gateway }));
  log.info({ url, home: config.home, gateway: parts.gateway }, 'listening');

  const ready = (async () => {
    await Promise.all([firewall.ensure(), takeOverProjects({ ...parts, accounts, log })]);
    await rotation.resume();
    await secrets.takeBackAllBut(await unendedIds(db));
    await reconcile({ projects, environments, kernels, jobs, git, log });
    limits.diskUse.start();
    isReady = true;
    log.info('ready');
  })();
  // Whoever waits for it hears of its failure; nobody has to wait.
  ready.catch(() => undefined);
  const owned = made.move();
  return { url, address, ready, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

type Parts = {
  config: Config;
  home: Home;
  db: Database;
  docker: Docker;
  gateway: string;
  refuseNewWork: Space['refuseNewWork'];
  shortage: Space['shortage'];
  onError: (error: unknown) => void;
};

type EnvironmentNeighbours = {
  events: Events;
  projects: Projects;
  files: Files;
  relay: PackageRelay;
  networks: ProjectNetworks;
  secrets: Secrets;
};

async function composeEnvironments(parts: Parts, neighbours: EnvironmentNeighbours): Promise<Environments> {
  const { config, home, db, docker, gateway, refuseNewWork, onError } = parts;
  const base = createBaseImage({
    docker,
    recipe: await readBaseRecipe(images),
    named: config.baseImage,
    user: config.containerUser,
    gateway,
    folder: home.path('cache'),
  });
  const script = join(images, 'environments', 'install.sh');
  const place = createBuildPlace({ docker, gateway, network: () => neighbours.networks.shared('builds') });
  const environments = createEnvironments({
    ...neighbours,
    refuseNewWork,
    onError,
    rows: createEnvironmentRows(db),
    builders: createBuilders({ docker, place, gateway, script: packagesProgram, relay: neighbours.relay, onError }),
    projectImages: createProjectImages({ docker, gateway }),
    index: createPackageIndex(config.packageIndex.url),
    recipes: await readRecipes(images),
    images: await createEnvironmentImages({ docker, place, base, script, gateway }),
    logs: createBuildLogs(home.path('builds')),
  });
  neighbours.projects.onDeleted(environments.endProject);
  neighbours.projects.onErased(environments.forgetProject);
  return environments;
}

type Neighbours = { environments: Environments; projects: Projects; events: Events; compute: Compute; secrets: Secrets };

type Limited = Awaited<ReturnType<typeof composeLimits>>;
type LimitNeighbours = { projects: Projects; compute: Compute; kernels: () => Kernels; jobs: () => Jobs };

/** What projects may take, what they do take, and whether there is room: for kernels and jobs alike. */
async function composeLimits({ config, home, db, onError }: Parts, { projects, compute, kernels, jobs }: LimitNeighbours) {
  const shares = createLimitRows(db);
  const store = createLimits({ rows: shares, defaults: config.projectLimits });
  await store.load();
  const admission = createAdmission({
    machine: remembered(60_000, () => compute.capacity()),
    jobShare: config.jobShare,
    overcommit: config.kernelOvercommit,
    limits: store,
    kernels: () => kernels().uses(),
    jobs: () => jobs().uses(),
    held: () => jobs().held(),
  });
  const diskUse = createDiskUse({
    ...config.disk,
    measure: measureDisk,
    foldersOf: async ({ id }) => [home.path('projects', id), ...(await kernels().foldersOf(id))],
    writtenBy: ({ id }, signal) => compute.written(id, signal),
    limitsOf: store.of,
    projects: projects.all,
    programs: (id) => [...kernels().programs(id), ...jobs().programs(id)],
    onError,
  });
  projects.onErased(store.forgetProject);
  projects.onErased(diskUse.forgetProject);
  return { shares, store, admission, diskUse, [Symbol.asyncDispose]: diskUse[Symbol.asyncDispose] };
}

function composeKernels(parts: Parts, neighbours: Neighbours & Limited): Kernels {
  const { environments, projects, diskUse, secrets } = neighbours;
  const { home, db, docker } = parts;
  const kernels = createKernels({
    ...parts,
    ...neighbours,
    supervisors: createSupervisors(),
    rows: createKernelRows(db),
    inPlace: createInPlace(docker, packagesProgram),
    folders: createKernelFolders(home.path('kernels')),
    checkQuota: diskUse.check,
  });
  environments.addUsers(kernels.usersOf);
  secrets.addUsers(kernels.secretUsers);
  environments.onRenamed(kernels.renameEnvironment);
  environments.onRevised(kernels.followRevision);
  environments.onJoined(kernels.joinClone);
  projects.onDeleted(kernels.endProject);
  projects.onErased(kernels.forgetProject);
  return kernels;
}

function composeJobs(parts: Parts, neighbours: Neighbours & Limited & { disk: Disk; git: GitDomain; access: Access }): Jobs {
  const { config, home, db } = parts;
  const { environments, projects, diskUse, secrets, access } = neighbours;
  const jobs = createJobs({
    ...parts,
    ...neighbours,
    rows: { jobs: createJobRows(db), executions: createExecutionRows(db) },
    folders: createExecutionFolders(home.path('projects')),
    store: createSnapshotStore(home.path('projects')),
    schedules: createScheduleRows(db),
    runner: { readEnd, readProgress, readUsage, watchFolder, followLog, addNote },
    quota: diskUse,
    leastInterval: config.minScheduleInterval,
    stateOf: neighbours.git.stateOf,
    whyNot: createWhyNot(access, projects),
  });
  projects.onMembersChanged(({ id }) => jobs.schedules.pauseOrphans(id));
  access.onUserChanged(() => jobs.schedules.pauseOrphans());
  environments.addUsers(jobs.usersOf);
  secrets.addUsers(jobs.secretUsers);
  environments.onRenamed(jobs.renameEnvironment);
  projects.onDeleted(jobs.endProject);
  projects.onErased(jobs.forgetProject);
  return jobs;
}

const userDeleted = (name: string): string => `The user "${name}" was deleted.`;

/** Why a user may not execute jobs in a project; null: the user may. */
function createWhyNot(access: Access, projects: Projects): (user: string, project: string) => Promise<string | null> {
  return async (name, project) => {
    const user = await access.findUser(name);
    if (!user) return userDeleted(name);
    if (user.disabled) return `The user "${name}" is disabled.`;
    if (user.admin) return null;
    const role = await projects.roleOf({ ...nobody, user: name }, project);
    if (role === null) return `"${name}" is not a member of the project any more.`;
    return role === 'viewer' ? `"${name}" is a viewer of the project now, who may not execute jobs.` : null;
  };
}

function composeSecrets({ db, gateway }: Parts, neighbours: { projects: Projects; vault: Vault }): Secrets {
  return createSecrets({
    ...neighbours,
    rows: createSecretRows(db),
    delivery: createSecretDelivery({ places: secretPlaces(process.env), gateway }),
  });
}

/** What may still run, as far as the database knows. */
async function unendedIds(db: Database): Promise<Set<string>> {
  const unended = await Promise.all([createKernelRows(db).unended(), createExecutionRows(db).unended()]);
  return new Set(unended.flat().map(({ id }) => id));
}

type GitNeighbours = { projects: Projects; events: Events; disk: Disk; vault: Vault; files: Files };

async function composeGit(parts: Parts, neighbours: GitNeighbours): Promise<GitDomain> {
  const { config, home, db, onError } = parts;
  const git = createGitDomain({
    ...neighbours,
    onError,
    git: createGit({ folder: home.path('git'), settings: config.git, allowed: () => resolveAllowances(config.allowEgress) }),
    rows: createGitRows(db),
  });
  neighbours.projects.onDeleted(git.endProject);
  return git;
}

/** A notebook that moves takes its kernel along. */
function followNotebooks(files: Files, kernels: Kernels): Files {
  return {
    ...files,
    async rename(move, signal) {
      const stat = await files.rename(move, signal);
      await kernels.moveNotebooks(move.project, move.from, move.to);
      return stat;
    },
  };
}

type Reconciled = { projects: Projects; environments: Environments; kernels: Kernels; jobs: Jobs; git: GitDomain; log: Log };

async function reconcile({ projects, environments, kernels, jobs, git, log }: Reconciled): Promise<void> {
  const tidyBuilds = environments.reconcile(AbortSignal.timeout(60_000)).catch((error: unknown) => {
    if (!(error instanceof Problem)) throw error;
    // What builds left behind can wait for the next start; kernels look for the engine until it is there.
    log.warn(error.message);
  });
  await Promise.all([tidyBuilds, kernels.reconcile(), jobs.reconcile(), git.reconcile()]);
  projects
    .finishErasing()
    .catch((err: unknown) => log.warn({ err }, 'a deleted project could not be removed completely; the next start tries again'));
  // Behind: it may have to start containers.
  environments
    .catchUp(kernels.revisionsInUse(), AbortSignal.timeout(600_000))
    .catch((err: unknown) => log.warn({ err }, 'kernels were not brought up to date'));
}

async function composeTls(config: Config, { home, onError }: { home: Home; onError: (error: unknown) => void }): Promise<TlsSource | null> {
  const tls = await openTls(config, { folder: home.path('tls'), onError });
  if (!tls) return null;
  const announce = () => home.writeCertificate(tls.current().certificate);
  await announce();
  tls.onChange(() => void announce().catch(onError));
  return tls;
}
