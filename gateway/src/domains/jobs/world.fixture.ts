/** Jobs on the real engine, without the rest of a gateway. `startWorld` of the kernels cleans up what is left. */
import { chown, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import type { JobExecution, Limits, LogLine } from '@bine/shared';
import { createDisk } from '../../adapters/disk/disk.ts';
import { createExecutionFolders } from '../../adapters/disk/execution-folders.ts';
import { createSnapshotStore } from '../../adapters/disk/snapshot-store.ts';
import { certificates } from '../../adapters/images/certificates.ts';
import { followLog } from '../../adapters/runner/log.ts';
import { addNote } from '../../adapters/runner/note.ts';
import { readEnd, readProgress, readUsage, watchFolder } from '../../adapters/runner/told.ts';
import { createExecutionRows } from '../../adapters/store/executions.ts';
import { createLimitRows } from '../../adapters/store/limits.ts';
import { createJobRows } from '../../adapters/store/jobs.ts';
import { createScheduleRows } from '../../adapters/store/schedules.ts';
import { openStore } from '../../adapters/store/store.ts';
import { limitsForTests } from '../capacity/limits.fixture.ts';
import { startWorld } from '../kernels/containers.fixture.ts';
import { createDockerCompute } from '../../adapters/docker/compute.ts';
import { createProjectNetworks } from '../../adapters/docker/networks.ts';
import { secretsOn } from '../secrets/secrets.fixture.ts';
import { createJobs } from './jobs.ts';
import type { Jobs } from './jobs.ts';

const never = new AbortController().signal;

type StartOptions = {
  now?: () => number;
  share?: number;
  limits?: (projectId: string) => Partial<Limits>;
  /** Whether the disk takes how executions go. */
  hasRoom?: () => boolean;
};

/** One project, `p`, on which gateways can come and go. */
export async function startJobsWorld(t: TestContext) {
  const stops: (() => Promise<void>)[] = [];
  // Before the world looks for what is left: a network in use cannot be removed.
  t.after(async () => {
    for (const stop of stops) await stop();
  });
  const world = await startWorld(t);
  const { home, gateway, docker, events } = world;
  const root = join(home, 'projects');
  const files = join(root, world.project.id, 'files');
  const project = { ...world.project, files, bin: join(root, world.project.id, 'bin') };
  await mkdir(files, { recursive: true });
  const { environments } = await world.startGateway();

  async function start({ now, share = 1, limits, hasRoom = () => true }: StartOptions = {}) {
    const store = await openStore(join(home, 'jobs.db'));
    const disk = createDisk();
    const executions = createExecutionRows(store.db);
    const save: typeof executions.save = async (record) => {
      if (!hasRoom()) throw Object.assign(new Error('no room'), { code: 'ENOSPC' });
      await executions.save(record);
    };
    const rows = { jobs: createJobRows(store.db), executions: { ...executions, save } };
    const limited = limits ? { limits } : {};
    const errors: unknown[] = [];
    const networks = createProjectNetworks({ docker, firewall: world.firewall, gateway, onError: (error) => errors.push(error) });
    const compute = createDockerCompute({
      docker,
      networks,
      gateway,
      accountNames: world.accounts.names,
      certificates: certificates(),
    });
    const jobs: Jobs = createJobs({
      compute,
      environments,
      disk,
      rows,
      events,
      ...limitsForTests({
        machine: () => docker.capacity(),
        jobShare: share,
        shares: createLimitRows(store.db),
        jobs: () => jobs.uses(),
        ...limited,
      }),
      whyNot: async () => null,
      secrets: await secretsOn({ db: store.db, home, gateway, project }),
      folders: createExecutionFolders(root),
      store: createSnapshotStore(root),
      schedules: createScheduleRows(store.db),
      runner: { readEnd, readProgress, readUsage, watchFolder, followLog, addNote },
      projects: {
        folder: async () => project,
        byId: async (id) => (id === project.id ? project : null),
      },
      stateOf: async (_project, path) => (path.startsWith('repository/') ? { commit: '0123456', dirty: false } : null),
      onError: (error) => errors.push(error),
      ...(now && { now }),
    });
    environments.addUsers(jobs.usersOf);
    environments.onRenamed(jobs.renameEnvironment);
    await jobs.reconcile();
    let stopped = false;
    const stop = async () => {
      if (stopped) return;
      stopped = true;
      await jobs[Symbol.asyncDispose]();
      await networks[Symbol.asyncDispose]();
      await disk[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    };
    stops.push(stop);
    return { jobs, rows, errors, stop };
  }

  return {
    ...world,
    environments,
    project,
    start,
    /** A file of the project, as its containers' user has it. */
    async write(path: string, text: string): Promise<void> {
      await mkdir(dirname(join(files, path)), { recursive: true });
      await writeFile(join(files, path), text);
      if (process.getuid?.() === 0) await chown(files, project.owner.uid, project.owner.gid);
    },
    /** Resolves when it has ended. */
    ended: (id: string): Promise<JobExecution> => events.until('execution.changed', (data) => data.id === id && data.ended !== null),
    reached: (id: string, state: JobExecution['state']): Promise<JobExecution> =>
      events.until('execution.changed', (data) => data.id === id && data.state === state),
  };
}

const compute = { cores: 0.5, memory: 256, gpus: 0, timeout: null };

export function job(path: string, more: Partial<Parameters<Jobs['put']>[0]> = {}): Parameters<Jobs['put']>[0] {
  const name = path.replace(/\.\w+$/, '').replaceAll('/', '-');
  const empty = { arguments: [], parameters: {}, variables: {} };
  return { project: 'p', job: name, path, environment: 'python-inference', compute, keep: 50, ...empty, ...more };
}

export async function readLog(jobs: Jobs, execution: string, after = 0): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  for await (const line of await jobs.executions.log({ project: 'p', execution, after }, never)) lines.push(line);
  return lines;
}

/** What it printed on that stream. */
export async function said(jobs: Jobs, execution: string, stream: LogLine['stream'] = 'stdout'): Promise<string> {
  const lines = await readLog(jobs, execution);
  return lines.flatMap((line) => (line.stream === stream ? [line.text] : [])).join('');
}
