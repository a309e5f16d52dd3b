/**
 * From submitting a job to its program's first line, beside a bare `docker run` of the same image, and beside one that asks the engine for the
 * isolation that a job has: a network of its own, folders, limits, no privileges.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { apiPrefix, fileContent, socketPath, socketProtocol } from '@bine/shared';
import type { Contract } from '@bine/shared';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import { WebSocket } from 'ws';
import { startGateway } from '../vscode/gateway.ts';
import type { TestGateway } from '../vscode/gateway.ts';
import { figures, table } from './figures.ts';

const project = 'bench';
const rounds = 15;
const words = 'first line';

export async function benchJobs(signal: AbortSignal): Promise<void> {
  await using gateway = await startGateway();
  const client = await connect(gateway);
  await client.projects.create({ name: project });
  const url = `${gateway.url}${apiPrefix}${fileContent.path.replace('{project}', project)}?path=first.py`;
  await fetch(url, { method: 'PUT', body: `print('${words}')\n`, headers: { authorization: `Bearer ${gateway.key}` } });
  const compute = { cores: 1, memory: 512 };
  await client.jobs.put({ project, job: 'first', path: 'first.py', environment: 'python-inference', compute });
  // The first waits for the environment to be built, which is not what is measured.
  await submit(client);
  const { image } = (await client.executions.list({ project }))[0]!.inputs;

  await using isolation = await isolate(gateway.home);
  const samples: number[][] = [[], [], []];
  for (let round = 0; round < rounds; round++) {
    signal.throwIfAborted();
    // Each in its turn, and none while another still clears up.
    for (const [i, work] of [() => run(image!, []), () => run(image!, isolation.flags), () => submit(client)].entries()) {
      await delay(500);
      const before = performance.now();
      const done = await work();
      samples[i]!.push((done - before) / 1000);
    }
    console.error(`round ${round + 1} of ${rounds}`);
  }
  console.log(`\nMedian [quartiles] ×ratio to the first column; ${rounds} rounds in turns.\n`);
  console.log(table(['docker run', 'docker run, isolated', 'Bine'], [{ title: 'to the first line', unit: 's', digits: 3, samples }]));
  const [bare, isolated, ours] = samples.map((times) => figures(times).median);
  console.log(`\nto a bare docker run: ×${(ours! / bare!).toFixed(2)} (wanted: at most 1.2)`);
  console.log(`to one as isolated as a job: ×${(ours! / isolated!).toFixed(2)}`);
}

type Client = ContractRouterClient<Contract>;

async function connect({ url, key }: TestGateway): Promise<Client> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}${socketPath}`, [socketProtocol], {
    headers: { authorization: `Bearer ${key}` },
  });
  await once(socket, 'open');
  return createORPCClient(new RPCLink({ websocket: socket as unknown as globalThis.WebSocket }));
}

/** @returns when the first line was there; the execution has ended then */
async function submit(client: Client): Promise<number> {
  const { id: execution } = await client.jobs.run({ project, job: 'first' });
  let first = Number.NaN;
  for await (const { text } of await client.executions.log({ project, execution })) if (text === `${words}\n`) first = performance.now();
  if (Number.isNaN(first)) throw new Error(`the execution failed: ${(await client.executions.get({ project, execution })).cause}`);
  return first;
}

/** What the gateway asks of the engine for each job, as flags. */
async function isolate(home: string) {
  const network = `bine-bench-${process.pid}`;
  await docker('network', 'create', '--opt', 'com.docker.network.bridge.enable_icc=false', network);
  const folders = ['project', 'bine'].map((name) => join(home, 'isolated', name));
  for (const folder of folders) await mkdir(folder, { recursive: true });
  const mounts = folders.flatMap((folder) => ['--mount', `type=bind,source=${folder},target=/${basename(folder)}`]);
  return {
    flags: ['--network', network, '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--pids-limit', '2048', ...mounts],
    [Symbol.asyncDispose]: () => docker('network', 'rm', network),
  };
}

async function docker(...words: string[]): Promise<void> {
  await once(spawn('docker', words, { stdio: ['ignore', 'ignore', 'inherit'] }), 'close');
}

/** As one who knows would run it: the same image, the same limits. @returns when the first line was there */
async function run(image: string, flags: string[]): Promise<number> {
  const limits = ['--cpus', '1', '--memory', '512m', '--memory-swap', '512m'];
  const child = spawn('docker', ['run', '--rm', ...limits, ...flags, image, '/opt/env/bin/python', '-u', '-c', `print('${words}')`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  const first = performance.now();
  await once(child, 'close');
  return first;
}
