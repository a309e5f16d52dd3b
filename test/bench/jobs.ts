/** From submitting a job to its program's first line, beside a bare `docker run` of the same image. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
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

  const samples: number[][] = [[], []];
  for (let round = 0; round < rounds; round++) {
    signal.throwIfAborted();
    // Each in its turn, and neither while the other still clears up.
    for (const [i, work] of [() => bare(image!), () => submit(client)].entries()) {
      await delay(500);
      const before = performance.now();
      const done = await work();
      samples[i]!.push((done - before) / 1000);
    }
    console.error(`round ${round + 1} of ${rounds}`);
  }
  console.log(`\nMedian [quartiles] ×ratio to the first column; ${rounds} rounds in turns.\n`);
  console.log(table(['docker run', 'Bine'], [{ title: 'to the first line', unit: 's', digits: 3, samples }]));
  const [run, ours] = samples.map((times) => figures(times).median);
  console.log(`\nto a bare docker run: ×${(ours! / run!).toFixed(2)} (wanted: at most 1.2)`);
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

/** As one who knows would run it: the same image, the same limits. @returns when the first line was there */
async function bare(image: string): Promise<number> {
  const limits = ['--cpus', '1', '--memory', '512m', '--memory-swap', '512m'];
  const child = spawn('docker', ['run', '--rm', ...limits, image, '/opt/env/bin/python', '-u', '-c', `print('${words}')`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  const first = performance.now();
  await once(child, 'close');
  return first;
}
