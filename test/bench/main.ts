/** `npm run bench -- NAME…`: measures parts of Bine beside what they compete with, in one run on one machine. */
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
  for (const name of names) {
    if (names.length > 1) console.log(`\n# ${name}`);
    await benches[name]!(stop.signal);
  }
} else {
  const what = unknown.length > 0 ? `There is no bench "${unknown.join('", "')}". ` : '';
  console.error(`${what}Usage: npm run bench -- ${Object.keys(benches).join('|')} …`);
  process.exitCode = 2;
}
