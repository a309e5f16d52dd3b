/** `npm run bench -- NAME…`: measures parts of Bine beside what they compete with, in one run on one machine. */
import { readHome } from '@bine/gateway/config';
import { findEngine } from '../../cli/src/engine/engine.ts';
import { causesOf } from './causes.ts';
import { benchEnvironments } from './environments.ts';
import { benchJobs } from './jobs.ts';
import { benchKernels } from './kernels.ts';

const benches: Record<string, (signal: AbortSignal) => Promise<void>> = {
  environments: benchEnvironments,
  jobs: benchJobs,
  kernels: benchKernels,
};

const names = process.argv.slice(2);
const unknown = names.filter((name) => !Object.hasOwn(benches, name));
if (names.length > 0 && unknown.length === 0) {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort(new Error('interrupted')));
  try {
    await useEngine(stop.signal);
    for (const name of names) {
      if (names.length > 1) console.log(`\n# ${name}`);
      await benches[name]!(stop.signal);
    }
  } catch (error) {
    console.error(causesOf(error).join('\n'));
    process.exitCode = 1;
  }
} else {
  const what = unknown.length > 0 ? `There is no bench "${unknown.join('", "')}". ` : '';
  console.error(`${what}Usage: npm run bench -- ${Object.keys(benches).join('|')} …`);
  process.exitCode = 2;
}

/** The one that `bine` itself would use, also for the gateway that is measured. */
async function useEngine(signal: AbortSignal): Promise<void> {
  const { env } = process;
  const found = await findEngine({ env, home: readHome(env['BINE_HOME'], env['XDG_DATA_HOME']), command: 'bine' }, signal);
  if (!('engine' in found)) throw new Error(`No container engine answers at ${found.asked}: "bine quickstart" starts one.`);
  env['DOCKER_HOST'] = `unix://${found.engine.socket}`;
}
