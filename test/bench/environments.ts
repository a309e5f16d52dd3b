/**
 * From asking for one small package to importing it in a kernel that runs, beside what one would do by hand: `uv pip install` in a plain
 * venv and a `docker commit` of a container of the same image, in which one small file changed. And how long a clone takes.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { startGateway } from '../vscode/gateway.ts';
import type { TestGateway } from '../vscode/gateway.ts';
import { connectKernel } from './bine.ts';
import type { OpenKernel } from './exchange.ts';
import { figures, table } from './figures.ts';
import { plainUv, timed } from './plain-uv.ts';
import type { PlainUv } from './plain-uv.ts';

const project = 'bench';
const mine = { project, environment: 'mine' };
const source = 'python-inference';
const cloneRounds = 30;
const warmRounds = 20;
const coldRounds = 10;
/** Milliseconds in which what the last round left to do is done. */
const pause = 2000;
/** Pure Python, without dependencies, imported by their names. */
const packages = ['iniconfig', 'toolz', 'humanize', 'tabulate', 'termcolor', 'cachetools', 'natsort', 'inflection', 'colorama', 'pluggy'];

type Round = { install: number; commit: number; ours: number };
type Contest = { gateway: TestGateway; byHand: PlainUv; signal: AbortSignal };

export async function benchEnvironments(signal: AbortSignal): Promise<void> {
  await using gateway = await startGateway();
  const { api } = gateway;
  await api.projects.create({ name: project });
  console.error('making the environment, and filling the caches of both');
  const { image } = await api.environments.clone({ project, environment: source, name: mine.environment });
  await using byHand = await plainUv(image!, gateway.home, packages);
  await settled(gateway, (await api.environments.change({ ...mine, install: packages })).id);
  await rollBack(gateway);

  const clones = await measureClones(gateway, signal);
  const { id: kernel } = await api.kernels.start({ ...mine, memory: 2048, cores: 2 });
  const at = { project, kernel };
  const contest = { gateway, byHand, signal };
  const warm: Round[] = [];
  {
    await using connected = await connectKernel(gateway, at);
    for (let round = 0; round < warmRounds; round++) {
      warm.push(await inTurns(contest, connected, packages[round % packages.length]!));
      console.error(`round ${round + 1} of ${warmRounds}`);
    }
  }
  const cold: Round[] = [];
  for (let round = 0; round < coldRounds; round++) {
    // What is kept warm for the next change ends with the gateway; the kernel goes on.
    await gateway.kill();
    await gateway.start();
    await using connected = await connectKernel(gateway, at);
    cold.push(await inTurns(contest, connected, packages[round % packages.length]!));
    console.error(`with nothing kept warm, round ${round + 1} of ${coldRounds}`);
  }
  report({ clones, warm, cold });
}

async function measureClones({ api }: TestGateway, signal: AbortSignal): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < cloneRounds; round++) {
    signal.throwIfAborted();
    const name = `clone-${round}`;
    times.push(await timed(() => api.environments.clone({ ...mine, name })));
    await api.environments.delete({ project, environment: name });
  }
  return times;
}

async function inTurns({ gateway, byHand, signal }: Contest, kernel: OpenKernel, name: string): Promise<Round> {
  signal.throwIfAborted();
  const { install, commit } = await byHand.installAndCommit(name);
  await delay(pause);
  const ours = await timed(async () => {
    const { id } = await gateway.api.environments.change({ ...mine, install: [name] });
    await settled(gateway, id);
    await kernel.execute(`import ${name}`);
  });
  await rollBack(gateway);
  // The next import of it is one from disk, as the first was.
  await kernel.execute(`import sys\nfor one in [one for one in sys.modules if one.split('.')[0] == '${name}']: del sys.modules[one]`);
  await assertGone(kernel, name);
  await delay(pause);
  return { install, commit, ours };
}

/** Each round finds the environment, the image and the kernel as the first one did. */
async function rollBack(gateway: TestGateway): Promise<void> {
  await settled(gateway, (await gateway.api.environments.rollback({ ...mine, revision: 1 })).id);
}

async function assertGone(kernel: OpenKernel, name: string): Promise<void> {
  const found = await kernel.execute(`import importlib.util\nif importlib.util.find_spec('${name}'): print('there')`);
  if (found > 0) throw new Error(`${name} is still there after going back.`);
}

/** Waits for the change's end. @throws if it failed */
async function settled({ api }: TestGateway, change: string): Promise<void> {
  let last;
  for await (const line of await api.environments.log({ ...mine, change })) last = line;
  if (last?.done !== 'succeeded') throw new Error(`The change ${last?.done ?? 'has no end'}: ${last?.text}`);
}

function report({ clones, warm, cold }: { clones: number[]; warm: Round[]; cold: Round[] }): void {
  const row = (title: string, rounds: Round[]) => ({
    title,
    unit: 'ms',
    digits: 0,
    samples: [rounds.map(({ install, commit }) => install + commit), rounds.map(({ ours }) => ours)],
  });
  const [clone, install, commit] = [clones, warm.map((one) => one.install), warm.map((one) => one.commit)].map(figures);
  console.log(`\nMedian [quartiles] ×ratio to the first column; ${warmRounds} and ${coldRounds} rounds in turns.\n`);
  const rows = [row('from the call to the import in a kernel', warm), row('the same, with nothing kept warm', cold)];
  console.log(table(['uv pip install + docker commit', 'Bine'], rows));
  console.log(`\nuv pip install alone ${install!.median.toFixed(0)} ms, docker commit alone ${commit!.median.toFixed(0)} ms`);
  const [byHand, ours] = rows[0]!.samples.map((samples) => figures(samples).median);
  console.log(`to uv and docker commit: ×${(ours! / byHand!).toFixed(2)} (wanted: at most 1.5)`);
  const { median, low, high } = clone!;
  console.log(`a clone: ${median.toFixed(0)} ms [${low.toFixed(0)}–${high.toFixed(0)}], ${cloneRounds} rounds (wanted: under 200)`);
}
