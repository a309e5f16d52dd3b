/** A kernel in a container, behind its supervisor and a real gateway. */
import { readFile, writeFile } from 'node:fs/promises';
import { apiPrefix, kernelChannels } from '@bine/shared';
import { decodeRecord, encodeMessage, kernelSocketProtocol } from '@bine/shared/kernel-wire';
import { startGateway } from '../vscode/gateway.ts';
import type { TestGateway } from '../vscode/gateway.ts';
import { openSocket } from './client-socket.ts';
import { createExchange } from './exchange.ts';
import type { Contestant, OpenKernel } from './exchange.ts';

const project = 'bench';
const environment = 'python-inference';

export type Bine = Contestant & {
  forgetPeak(): Promise<void>;
  /** The most memory the gateway has held since then, in bytes. */
  peakMemory(): Promise<number>;
};

export async function bine(): Promise<Bine> {
  await using made = new AsyncDisposableStack();
  const gateway = made.use(await startGateway());
  await gateway.api.projects.create({ name: project });
  // The first kernel waits for the environment to be built, which is not what is measured.
  await (await openKernel(gateway))[Symbol.asyncDispose]();
  const process = `/proc/${gateway.pid()}`;
  const kept = made.move();
  return {
    name: 'Bine',
    open: () => openKernel(gateway),
    forgetPeak: () => writeFile(`${process}/clear_refs`, '5'),
    peakMemory: async () => Number(/VmHWM:\s+(\d+) kB/.exec(await readFile(`${process}/status`, 'utf8'))?.[1]) * 1024,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function openKernel(gateway: TestGateway): Promise<OpenKernel> {
  const { id: kernel } = await gateway.api.kernels.start({ project, environment, memory: 2048, cores: 2 });
  const connected = await connectKernel(gateway, { project, kernel });
  return {
    execute: connected.execute,
    async [Symbol.asyncDispose]() {
      await connected[Symbol.asyncDispose]();
      await gateway.api.kernels.shutdown({ project, kernel });
    },
  };
}

/** To a kernel that is there, and goes on afterwards. */
export async function connectKernel({ url, key }: TestGateway, at: { project: string; kernel: string }): Promise<OpenKernel> {
  const path = kernelChannels.path.replace('{project}', at.project).replace('{kernel}', at.kernel);
  const address = `${url.replace('http', 'ws')}${apiPrefix}${path}`;
  const socket = await openSocket(address, kernelSocketProtocol, { authorization: `Bearer ${key}` });
  const exchange = createExchange((message) => socket.send(encodeMessage(message)));
  socket.listen((bytes) => exchange.take(decodeRecord(bytes)), exchange.fail);
  await exchange.ready();
  return { execute: exchange.execute, [Symbol.asyncDispose]: () => socket[Symbol.asyncDispose]() };
}
