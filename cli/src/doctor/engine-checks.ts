/** The container engine: is it there, can it do what kernels need, what has been built, what was left behind. */
import { askEngine, type Engine } from '../engine/answer.ts';
import { findEngine } from '../engine/engine.ts';
import { canInstall, findProgram } from '../programs.ts';
import { fail, ok, warn, type Check, type Patient } from './finding.ts';
import { lookAtDisk } from './machine-checks.ts';

type Info = { Driver: string; DockerRootDir: string; MemoryLimit: boolean; CpuCfsQuota: boolean; PidsLimit: boolean };

function ask<T>({ socket }: Engine, path: string, { context }: Patient): Promise<T> {
  return askEngine<T>(socket, path, { signal: context.signal });
}

const engine: Check = {
  name: 'Engine',
  async look({ context, engine }) {
    const { env } = context.host;
    if (!engine) {
      const found = await findEngine({ env, home: context.home, command: 'bine' }, context.signal);
      if ('forbidden' in found && found.forbidden) return fail(`you may not use ${found.asked}`, 'sudo usermod -aG docker $USER');
      const asked = 'asked' in found ? found.asked : '';
      if (env.DOCKER_HOST) return fail(`nothing answers at ${asked}, which DOCKER_HOST names`, 'unset DOCKER_HOST');
      return fail(`nothing answers at ${asked}`, (await canInstall(env)) ? 'bine up' : 'https://docs.docker.com/engine/install');
    }
    const [major = 0, minor = 0] = engine.version.split('.').map(Number);
    const text = `${engine.name} ${engine.version} at ${engine.socket}`;
    return engine.name === 'Docker Engine' && major * 100 + minor < 2010
      ? fail(`${text} is too old; 20.10 is needed`, 'apt-get install docker.io')
      : ok(text);
  },
};

const limits: Check = {
  name: 'Limits',
  async look(patient) {
    if (!patient.engine) return null;
    const info = await ask<Info>(patient.engine, '/info', patient);
    const missing = [!info.MemoryLimit && 'memory', !info.CpuCfsQuota && 'cores', !info.PidsLimit && 'processes'].filter(Boolean);
    if (missing.length > 0) return warn(`the engine cannot limit ${missing.join(', ')}: a kernel may take all there is`);
    return info.Driver === 'vfs'
      ? warn('storage driver vfs: every image is copied whole; put the data on an ordinary disk')
      : ok(`memory, cores, processes; storage ${info.Driver}`);
  },
};

const disk: Check = {
  name: "Engine's disk",
  async look(patient) {
    if (!patient.engine) return null;
    return lookAtDisk((await ask<Info>(patient.engine, '/info', patient)).DockerRootDir);
  },
};

type Image = { RepoTags: string[] | null };

async function imagesLike(patient: Patient, prefix: string): Promise<string[]> {
  const all = await ask<Image[]>(patient.engine!, '/images/json', patient);
  return all.flatMap(({ RepoTags }) => RepoTags ?? []).filter((tag) => tag.startsWith(prefix));
}

const base: Check = {
  name: 'Base image',
  async look(patient) {
    if (!patient.engine) return null;
    const { env } = patient.context.host;
    const made = await imagesLike(patient, 'bine/base:');
    if (made.length > 0) return ok(made.join(', '));
    if (env.BINE_BASE_IMAGE || (await findProgram('debootstrap', env)))
      return warn('not built yet; the first environment builds it', 'bine quickstart');
    return warn('not built yet, and without debootstrap it must be pulled', 'apt-get install debootstrap');
  },
};

const environments: Check = {
  name: 'Environments',
  async look(patient) {
    if (!patient.engine) return null;
    const made = (await imagesLike(patient, 'bine/python-')).map((tag) => tag.slice('bine/'.length).split(':')[0]!);
    return made.length > 0
      ? ok([...new Set(made)].sort().join(', '))
      : warn('none is built yet; each is built on first use', 'bine quickstart');
  },
};

type Container = { Id: string; State: string; Labels: Record<string, string> };

const leftovers: Check = {
  name: 'Containers',
  async look(patient) {
    const { engine, gateway } = patient;
    if (!engine) return null;
    const filters = encodeURIComponent(JSON.stringify({ label: ['bine.gateway'] }));
    const all = await ask<Container[]>(engine, `/containers/json?all=1&filters=${filters}`, patient);
    if (!gateway && all.length > 0) return warn(`${all.length} of Bine's, while no gateway runs here`, 'bine up');
    const strange = all.filter(({ Labels }) => Labels['bine.gateway'] !== gateway?.gateway);
    if (strange.length === 0) return ok(all.length === 0 ? 'none' : `${all.length}, all of this gateway`);
    const ids = strange.map(({ Id }) => Id.slice(0, 12)).join(' ');
    return warn(`${strange.length} belong to another gateway; if it is gone for good, remove them`, `docker rm -f ${ids}`);
  },
};

export const engineChecks: readonly Check[] = [engine, limits, disk, base, environments, leftovers];
