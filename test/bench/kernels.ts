/**
 * What it costs that a kernel's output survives everything: cold start, round trip and throughput of Bine beside ZeroMQ with
 * nothing in between and beside jupyter_server. The contestants take turns, so that what else the machine does hits all alike.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { kernelPython } from '../../gateway/src/adapters/supervisor/supervisor.fixture.ts';
import { bine } from './bine.ts';
import { direct } from './direct.ts';
import type { Contestant, OpenKernel } from './exchange.ts';
import { figures, table } from './figures.ts';
import type { Row } from './figures.ts';
import { jupyterServer } from './jupyter-server.ts';

const rounds = 5;
const roundTrips = 40;
const mebibyte = 2 ** 20;
const lines = 20_000;
const megabytes = 200;
const deadline = 120_000;
const prints = `for i in range(${lines}): print(i, flush=True)`;
const output = `import sys\nfor i in range(${megabytes}):\n    sys.stdout.write('x' * ${mebibyte}); sys.stdout.flush()`;
const printed = Array.from({ length: lines }, (_, i) => String(i).length + 1).reduce((sum, length) => sum + length);

/** Samples of one measurement, a list for each contestant. */
type Samples = number[][];

export async function benchKernels(signal: AbortSignal): Promise<void> {
  const python = await kernelPython('dev', 'bench');
  await using made = new AsyncDisposableStack();
  console.error('starting the contestants');
  const ours = made.use(await bine());
  const contestants = [made.use(await direct(python)), made.use(await jupyterServer(python)), ours];
  const cold = await measureStarts(contestants, signal);
  const kernels = await Promise.all(contestants.map(async (contestant) => made.use(await contestant.open())));
  for (const kernel of kernels) await kernel.execute('1');

  const trips = await inTurns(kernels, rounds, async (kernel) => {
    const times: number[] = [];
    for (let i = 0; i < roundTrips; i++) times.push(await milliseconds(() => kernel.execute('1')));
    signal.throwIfAborted();
    return times;
  });
  const scales = createScales(deadline);
  const flushed = await inTurns(kernels, rounds, (kernel) => scales.weigh(kernel, prints, printed));
  const peaks: number[] = [];
  const speeds = await inTurns(kernels, rounds, async (kernel) => {
    signal.throwIfAborted();
    await ours.forgetPeak();
    const times = await scales.weigh(kernel, output, megabytes * mebibyte);
    if (kernel === kernels.at(-1)) peaks.push((await ours.peakMemory()) / mebibyte);
    return times.map((time) => (megabytes * 1000) / time);
  });
  report(contestants, { cold, trips, flushed, speeds, peaks, lost: kernels.map(scales.of) });
}

async function measureStarts(contestants: Contestant[], signal: AbortSignal): Promise<Samples> {
  const samples: Samples = contestants.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, contestant] of contestants.entries()) {
      signal.throwIfAborted();
      const before = performance.now();
      const kernel = await contestant.open();
      samples[i]!.push((performance.now() - before) / 1000);
      await kernel[Symbol.asyncDispose]();
    }
    console.error(`cold start, round ${round + 1} of ${rounds}`);
  }
  return samples;
}

async function inTurns(kernels: OpenKernel[], rounds: number, measure: (kernel: OpenKernel) => Promise<number[]>): Promise<Samples> {
  const samples: Samples = kernels.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, kernel] of kernels.entries()) samples[i]!.push(...(await measure(kernel)));
    console.error(`round ${round + 1} of ${rounds}`);
  }
  return samples;
}

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const before = performance.now();
  await work();
  return performance.now() - before;
}

/** Counts what is lost on the way. Where even the end of an execution was lost there is no time to tell. */
function createScales(deadline: number) {
  const lost = new Map<OpenKernel, number>();
  return {
    of: (kernel: OpenKernel) => lost.get(kernel) ?? 0,
    /** @returns milliseconds, if it ended */
    async weigh(kernel: OpenKernel, code: string, characters: number): Promise<number[]> {
      const before = performance.now();
      const got = await Promise.race([kernel.execute(code), delay(deadline, null, { ref: false })]);
      lost.set(kernel, (lost.get(kernel) ?? 0) + characters - (got ?? 0));
      return got === null ? [] : [performance.now() - before];
    },
  };
}

type Results = { cold: Samples; trips: Samples; flushed: Samples; speeds: Samples; peaks: number[]; lost: number[] };

function report(contestants: Contestant[], { cold, trips, flushed, speeds, peaks, lost }: Results): void {
  const rows: Row[] = [
    { title: 'cold start to idle', unit: 's', digits: 2, samples: cold },
    { title: 'round trip of 1', unit: 'ms', digits: 2, samples: trips },
    { title: `${lines} flushed prints`, unit: 's', digits: 2, samples: flushed.map((times) => times.map((time) => time / 1000)) },
    { title: `${megabytes} MiB in stream messages`, unit: 'MiB/s', digits: 0, samples: speeds },
  ];
  console.log(`\nMedian [quartiles] ×ratio to direct ZMQ; ${rounds} rounds in turns, ${rounds * roundTrips} round trips each.`);
  console.log('Direct and jupyter_server run their kernels as plain processes, Bine runs it in a container.\n');
  console.log(
    table(
      contestants.map(({ name }) => name),
      rows,
    ),
  );
  console.log(`\ncharacters of output lost: ${contestants.map(({ name }, i) => `${name} ${lost[i]}`).join(', ')}`);
  const [zmq, , ours] = trips.map((times) => figures(times).median);
  console.log(`round trip above direct ZMQ: ${(ours! - zmq!).toFixed(2)} ms (wanted: at most 1.5)`);
  const [, server, bines] = speeds.map((samples) => figures(samples).median);
  console.log(`throughput to jupyter_server's: ×${(bines! / server!).toFixed(2)} (wanted: at least 1)`);
  console.log(`memory of the gateway during ${megabytes} MiB: ${Math.round(Math.max(...peaks))} MiB (wanted: under 250)`);
}
