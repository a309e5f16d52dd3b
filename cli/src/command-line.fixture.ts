/** The command line beside a real gateway, with a folder of this machine to work in. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGateway } from '../../test/contract/gateway.ts';
import type { TestGateway } from '../../test/contract/gateway.ts';
import { runCommandLine } from './command-line.ts';
import { createTestHost } from './host.fixture.ts';

export type TestCommandLine = AsyncDisposable & {
  gateway: TestGateway;
  folder: string;
  /** What a process of its own needs to find the gateway. */
  env: Record<string, string>;
  bine(...words: string[]): Promise<{ code: number; out: string; err: string }>;
};

/** @param docker the engine's socket; without one no container can be started */
export async function startCommandLine(docker?: string): Promise<TestCommandLine> {
  await using made = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'bine-cli-'));
  made.defer(() => rm(folder, { recursive: true, force: true }));
  const gateway = made.use(await startGateway(docker === undefined ? {} : { docker }));
  const env = { BINE_URL: gateway.url, BINE_KEY: gateway.key };
  const owned = made.move();
  return {
    gateway,
    folder,
    env,
    async bine(...words) {
      await using host = await createTestHost(env);
      const code = await runCommandLine(words, host);
      return { code, out: host.out(), err: host.err() };
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
