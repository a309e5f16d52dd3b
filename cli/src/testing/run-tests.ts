/** Runs the stages one after the other, and installs what later ones need meanwhile. */
import { mkdir, open, rm } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { reportWhile } from '../steps.ts';
import type { Context } from '../verb.ts';
import { runChild } from './child.ts';
import { addCounts, formatCounts, type Counts } from './counts.ts';
import { provisions, type Place, type Provided } from './provisions.ts';
import { createSandbox, type Sandbox } from './sandbox.ts';
import { stages as all, type Command, type Need, type Stage } from './stages.ts';

const root = resolve(import.meta.dirname, '../../..');
const artifacts = join(root, '.cache/test');
/** Lines of a failed stage that are shown; the log has all. */
const shown = 80;

/** Ends with the line `N passed, N failed`. */
export async function runTests(stages: readonly Stage[], context: Context): Promise<Counts> {
  const { host, home, command, terminal } = context;
  await using stack = new AsyncDisposableStack();
  if (stages.length === all.length) await rm(artifacts, { recursive: true, force: true });
  await mkdir(artifacts, { recursive: true });
  const sandbox = await createSandbox(root, host.env);
  stack.use(sandbox);
  const prepare = provide(stages, { root, home, env: host.env, command, stack }, context);
  const results: Counts[] = [];
  let provided: Provided = { python: '', socket: '' };
  for (const stage of stages) {
    try {
      provided = { ...provided, ...(await prepare(stage.needs)) };
    } catch (error) {
      context.signal.throwIfAborted();
      terminal.say(`✗ ${stage.name} could not be run: ${(error as Error).message}`);
      results.push({ passed: 0, failed: 1 });
      continue;
    }
    results.push(await runStage(stage, { provided, sandbox }, context));
  }
  results.push(await sweep(sandbox, provided, context));
  await stack.disposeAsync();
  const sum = addCounts(results);
  terminal.print(formatCounts(sum));
  return sum;
}

/** Everything that is needed is installed from the start, one thing at a time; a stage waits for what it needs. */
function provide(
  stages: readonly Stage[],
  place: Place,
  { signal, step }: Context,
): (needs: readonly Need[]) => Promise<Partial<Provided>> {
  const wanted = [...new Set(stages.flatMap(({ needs }) => needs))];
  const given = new Map<Need, Promise<Partial<Provided>>>();
  let before: Promise<unknown> = Promise.resolve();
  for (const need of wanted) {
    const work = before.then(() => provisions[need](place, { env: place.env, signal, report: (line) => (doing = line) }));
    given.set(need, work);
    before = work.catch(() => {});
  }
  let doing = '';
  const titles: Record<Need, string> = { git: 'Git', python: 'Python tools', engine: 'Container engine', editor: 'VS Code and a browser' };
  return async (needs) => {
    const all: Partial<Provided> = {};
    for (const need of needs) {
      const work = given.get(need)!;
      const ready = await Promise.race([work, Promise.resolve(null)]);
      await (ready === null ? step(titles[need], (report) => reportWhile(work, report, () => doing)) : work);
      Object.assign(all, await work);
    }
    return all;
  };
}

type Surroundings = { provided: Provided; sandbox: Sandbox };

async function runStage(stage: Stage, { provided, sandbox }: Surroundings, { step, signal, terminal }: Context): Promise<Counts> {
  const file = join(artifacts, `${stage.name}.log`);
  await using log = await open(file, 'w');
  const deadline = AbortSignal.timeout(stage.deadline);
  const env = { ...sandbox.env, ...(provided.socket && { DOCKER_HOST: `unix://${provided.socket}` }), BINE_TEST_ARTIFACTS: artifacts };
  const results: Counts[] = [];
  const troubles: string[] = [];
  await step(stage.name.padEnd(10), async (report) => {
    for (const command of stage.commands(provided)) {
      const { words } = command;
      const { code, output } = await runChild({ words, cwd: root, env, log, report, signal: AbortSignal.any([signal, deadline]) });
      signal.throwIfAborted();
      const counts = countsOf(command, code, output);
      results.push(counts);
      if (counts.failed > 0) troubles.push(...output.split('\n').slice(-shown));
      if (deadline.aborted) troubles.push(`${words.join(' ')} was ended after ${stage.deadline / 60_000} minutes.`);
    }
    return formatCounts(addCounts(results));
  });
  for (const line of troubles) terminal.say(`    ${line}`);
  if (troubles.length > 0) terminal.say(`    The whole log: ${relative(process.cwd(), file)}`);
  return addCounts(results);
}

/** A runner that crashed counts as one failure, whatever it had counted before. */
function countsOf({ counts }: Command, code: number | null, output: string): Counts {
  const said = counts?.(output);
  if (counts && said && (code === 0 || said.failed > 0)) return said;
  return { passed: said?.passed ?? (code === 0 && !counts ? 1 : 0), failed: code === 0 && !counts ? 0 : 1 };
}

/** That nothing is left behind is a test, too. */
async function sweep(sandbox: Sandbox, { socket }: Provided, { terminal, signal }: Context): Promise<Counts> {
  const { left, late } = await sandbox.sweep(socket || undefined, signal);
  for (const one of late) terminal.say(`  The engine still had ${one}; it was removed.`);
  if (left.length === 0) return { passed: 1, failed: 0 };
  terminal.say('✗ The tests left behind:');
  for (const one of left) terminal.say(`    ${one}`);
  return { passed: 0, failed: 1 };
}
