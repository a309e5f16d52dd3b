/** `npm run bench -- NAME`: measures a part of Bine beside what it competes with, in one run on one machine. */
import { benchJobs } from './jobs.ts';
import { benchKernels } from './kernels.ts';

const benches: Record<string, (signal: AbortSignal) => Promise<void>> = { jobs: benchJobs, kernels: benchKernels };

const [name = ''] = process.argv.slice(2);
const bench = benches[name];
if (bench) {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort(new Error('interrupted')));
  await bench(stop.signal);
} else {
  console.error(`There is no bench "${name}". Usage: npm run bench -- ${Object.keys(benches).join('|')}`);
  process.exitCode = 2;
}
