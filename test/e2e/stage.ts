/** What every test of a user's day stands on: one gateway and one VS Code with the extension as it is now. */
import assert from 'node:assert/strict';
import { buildExtension, extension } from '../vscode/extension.ts';
import { startGateway, type TestGateway } from '../vscode/gateway.ts';
import { startWorkbench, type Workbench } from '../vscode/workbench.ts';

export type Stage = { gateway: TestGateway; workbench: Workbench; [Symbol.asyncDispose](): Promise<void> };

/** `env`: of the gateway. */
export async function createStage(env: Record<string, string> = {}): Promise<Stage> {
  await using stack = new AsyncDisposableStack();
  const [gateway] = await Promise.all([startGateway(env), buildExtension()]);
  stack.use(gateway);
  const workbench = stack.use(await startWorkbench({ extension, home: gateway.home }));
  const kept = stack.move();
  return { gateway, workbench, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** Environments as "Select Kernel" names them. */
export const kernels = { feature: 'Python · Feature engineering', training: 'Python · Training', inference: 'Python · Inference' };

/** Builds an environment unless the engine has it, so that a test's own waits are about the test. */
export async function ready({ api }: TestGateway, project: string, environment: string): Promise<void> {
  const { state } = await api.environments.build({ project, environment });
  if (state === 'ready') return;
  for await (const { text, done } of await api.environments.log({ project, environment })) {
    if (done) assert.equal(done, 'succeeded', text);
  }
}

/** The numbers of all `tick N` lines. */
export function ticks(text: string): number[] {
  return [...text.matchAll(/tick (\d+)/g)].map(([, number]) => Number(number));
}

export const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

type NotebookFile = { cells: { outputs: { output_type: string; text?: string | string[] }[] }[] };

/** What each cell of a saved notebook printed. */
export function savedText(file: string): string[] {
  const joined = (text: string | string[] = '') => (Array.isArray(text) ? text.join('') : text);
  return (JSON.parse(file) as NotebookFile).cells.map(({ outputs }) =>
    outputs.map(({ output_type, text }) => (output_type === 'stream' ? joined(text) : '')).join(''),
  );
}
