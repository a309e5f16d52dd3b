/** The gateway: is it up, is its port free otherwise, does our key open it. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ifThere, reasonOf } from '@bine/client/node/if-there';
import { Problem } from '@bine/shared/problems';
import manifest from '../../package.json' with { type: 'json' };
import { formatBytes } from '../terminal.ts';
import { portProblem } from '../ports.ts';
import { readGatewayFile } from '../gateway/file.ts';
import { fail, ok, warn, type Check } from './finding.ts';

const gateway: Check = {
  name: 'Gateway',
  async look({ context, gateway }) {
    if (!gateway) {
      const dead = await readGatewayFile(context.home);
      return dead ? fail(`it ended without a word (process ${dead.pid})`, 'bine up') : warn('not running', 'bine up');
    }
    const { status, version } = await (await context.client()).api.system.health({});
    if (status === 'starting') return warn('still finding out which kernels run', 'bine logs');
    if (version !== manifest.version) return warn(`version ${version} runs, this is ${manifest.version}`, 'bine down && bine up');
    return ok(`${gateway.url}, version ${version}`);
  },
};

const port: Check = {
  name: 'Port',
  async look({ context, gateway }) {
    if (gateway) return null;
    const wanted = Number(context.host.env.BINE_PORT || 7878);
    const problem = await portProblem(wanted);
    if (!problem) return ok(`${wanted} is free`);
    const why = problem.code === 'EADDRINUSE' ? `${wanted} is taken by another program` : `${wanted} cannot be used: ${reasonOf(problem)}`;
    return context.host.env.BINE_PORT ? fail(why, 'unset BINE_PORT') : warn(`${why}; another one will be used`);
  },
};

const key: Check = {
  name: 'Key',
  async look({ context, gateway }) {
    const file = join(context.home, 'admin.key');
    const found = await ifThere(stat(file));
    if (!found) return context.host.env.BINE_KEY ? ok('from BINE_KEY') : warn(`${file} is not there; the first start makes it`, 'bine up');
    if ((found.mode & 0o077) !== 0) return fail(`others may read ${file}`, `chmod 600 ${file}`);
    if (!gateway) return ok(`${file}, only yours`);
    try {
      const { user } = await (await context.client()).api.access.me({});
      return ok(`${file}, only yours; you are ${user.name}`);
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'bad-key') throw error;
      return fail(`the gateway does not know the key in ${file}`, 'unset BINE_KEY');
    }
  },
};

const room: Check = {
  name: 'Room',
  async look({ context, gateway }) {
    if (!gateway) return null;
    const { free, leastFree, mount, state } = (await (await context.client()).api.system.status({})).disk;
    const text = `${formatBytes(free)} are free at ${mount}`;
    if (state === 'ok') return ok(`${text}; new work starts`);
    const why = state === 'full' ? 'the disk is full' : `nothing new starts below ${formatBytes(leastFree)} (BINE_MIN_FREE)`;
    return fail(`${text}; ${why}`, `du -xh -d2 ${mount} | sort -h | tail`);
  },
};

const network: Check = {
  name: 'Network',
  async look({ context, gateway }) {
    if (!gateway) return null;
    const { egress } = await (await context.client()).api.system.status({});
    if (egress.enforced) return ok('containers reach neither this machine nor private networks');
    return warn(`containers reach this machine and private networks: ${egress.reason}`, 'sudo bine up');
  },
};

export const gatewayChecks: readonly Check[] = [gateway, port, key, room, network];
