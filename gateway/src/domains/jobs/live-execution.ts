/**
 * One execution from its submission to its end. The program, its log and its end need nobody to watch them: what is here starts it, tells
 * what became of it, and clears up. A gateway that takes over goes on wherever the last one was killed.
 */
import { Problem } from '@bine/shared/problems';
import type { Runner, RunnerEnd } from '../../ports/job-agent.ts';
import type { ExecutionRecord } from '../../ports/state/executions.ts';
import type { WorkloadRef } from '../../ports/compute.ts';
import { createChanges } from '../../lib/changes.ts';
import { delay } from '../../lib/delay.ts';
import { once } from '../../lib/once.ts';
import { toTime } from '../../lib/time.ts';
import type { ProjectFolder } from '../projects/projects.ts';
import { outcomeOf, outcomeWithoutEnd, whyRefused } from './cause.ts';
import type { Outcome } from './cause.ts';
import { followToEnd } from './follow.ts';
import type { End } from './follow.ts';
import { launchExecution } from './launch.ts';
import type { Launch, LaunchParts } from './launch.ts';
import { isOver } from './parts.ts';

export type LiveParts = LaunchParts & { runner: Runner; onError: (error: unknown) => void };

export type LiveInput = {
  record: ExecutionRecord;
  project: ProjectFolder;
  /** Tells and remembers. Resolves when it is remembered. */
  onChange: (record: ExecutionRecord) => Promise<void>;
  /** It has no workload any more, and takes nothing of the machine. */
  onEnd: () => void;
};

export type LiveExecution = ReturnType<typeof createLiveExecution>;

type Status = ReturnType<typeof createStatus>;
/** `life` ends when it is let go of, `launching` when it is stopped before its program runs. */
type Body = { parts: LiveParts; input: LiveInput; status: Status; life: AbortSignal; launching: AbortSignal };

const engineRetryMilliseconds = 2000;
const askAgainMilliseconds = 1000;
/** Longer than its runner takes to kill what does not obey. */
const asksBeforeKill = 20;

export function createLiveExecution(parts: LiveParts, input: LiveInput) {
  const life = new AbortController();
  const launching = new AbortController();
  const status = createStatus(input);
  const body: Body = { parts, input, status, life: life.signal, launching: launching.signal };
  const terminate = once(() => void terminateUntilOver(body));
  let living: Promise<void> = Promise.resolve();

  return {
    id: input.record.id,
    project: input.project,
    /** Rings when the record or the log changed. */
    changes: status.changes,
    record: status.now,
    wait(why: string): void {
      const { state, cause } = status.now();
      if (state === 'queued' && cause !== why) void status.change({ cause: why });
    },
    /** Says it with its state, as long as it runs. null: it is over. */
    warn(why: string | null): void {
      if (status.now().state !== 'running') return;
      void status.change({ cause: why });
      if (why !== null) void parts.compute.warnOfQuota(workloadOf(body)).catch(parts.onError);
    },
    /** One that waits finds its environment under the new name; what ran keeps the name that it had then. */
    async renameEnvironment(from: string, to: string): Promise<void> {
      const { state, inputs } = status.now();
      if (state === 'queued' && inputs.environment === from) await status.change({ inputs: { ...inputs, environment: to } });
    },
    /** It has its turn, or had it before this gateway started. */
    start(gpus: string[]): void {
      const fresh = status.now().state === 'queued';
      if (fresh) void status.change({ state: 'starting', cause: null });
      living = live(body, { gpus, fresh, terminate }).catch(parts.onError);
    },
    /** @param queued it has not had its turn, and will not get it any more */
    async stop(cause: string, queued: boolean): Promise<void> {
      if (isOver(status.now())) return;
      // Remembered first: should we die now, it is still known why it ends.
      if (status.now().stopping === null) await status.change({ stopping: cause });
      if (queued) living = finish(body, { state: 'stopped', cause, exitCode: null }).catch(parts.onError);
      else if (status.now().state === 'running') terminate();
      else launching.abort();
    },
    /** Resolves when it has ended, or was let go of. */
    over: (): Promise<void> => living,
    /** Lets go of it; it runs on. */
    async detach(): Promise<void> {
      life.abort();
      await living;
    },
  };
}

function createStatus({ record: first, onChange }: LiveInput) {
  const changes = createChanges();
  let record = first;
  return {
    changes,
    now: () => record,
    change(changed: Partial<ExecutionRecord>): Promise<void> {
      record = { ...record, ...changed };
      changes.ring();
      return onChange(record);
    },
  };
}

async function live(body: Body, { gpus, fresh, terminate }: Run): Promise<void> {
  try {
    await finish(body, await run(body, { gpus, fresh, terminate }));
  } catch (error) {
    if (body.life.aborted) return;
    await finish(body, { state: 'failed', cause: error instanceof Error ? error.message : String(error), exitCode: null });
  }
}

type Run = Pick<Launch, 'gpus' | 'fresh'> & { terminate: () => void };

async function run(body: Body, { gpus, fresh, terminate }: Run): Promise<Outcome> {
  const { parts, input, status, life, launching } = body;
  const directory = parts.folders.pathsOf(input.record).bine;
  const workload = workloadOf(body);
  const ran = status.now().state === 'running';
  if (!fresh) {
    const { end } = await whenEngineIsUp(body, () => parts.compute.status(workload));
    const told = end && (await parts.runner.readEnd(directory));
    // It ended, or its workload was removed from outside, while nobody looked.
    if (end && (told || (ran && end.type === 'removed'))) return settle(body, { told, end });
  }
  try {
    const signal = AbortSignal.any([life, launching]);
    const onInputs = (inputs: Partial<ExecutionRecord['inputs']>) => void status.change({ inputs: { ...status.now().inputs, ...inputs } });
    const launch = { gpus, fresh, project: input.project, onInputs, signal };
    await whenEngineIsUp(body, () => launchExecution(parts, { ...launch, record: status.now() }));
  } catch (error) {
    life.throwIfAborted();
    const { stopping } = status.now();
    if (stopping !== null) return { state: 'stopped', cause: stopping, exitCode: null };
    throw error;
  }
  if (!ran) void status.change({ state: 'running', cause: null, started: new Date().toISOString() });
  if (status.now().stopping !== null) terminate();
  const onProgress = () => readProgress(body);
  return settle(body, await followToEnd({ ...parts, workload, directory, signal: life, onLog: status.changes.ring, onProgress }));
}

/** An engine that is away comes back; whoever waits can be stopped. */
async function whenEngineIsUp<T>({ status, life, launching }: Body, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'engine-unavailable' || launching.aborted) throw error;
      if (status.now().cause !== error.message) void status.change({ cause: error.message });
      await delay(engineRetryMilliseconds, AbortSignal.any([life, launching]));
      life.throwIfAborted();
    }
  }
}

async function readProgress({ parts, status }: Body): Promise<void> {
  const { cells: known } = status.now();
  const cells = await parts.runner.readProgress(parts.folders.pathsOf(status.now()).bine);
  if (cells && (cells.done !== known?.done || cells.total !== known.total)) void status.change({ cells });
}

async function settle(body: Body, { told, end }: End): Promise<Outcome> {
  await readProgress(body);
  const record = body.status.now();
  const why = told && whyRefused(told, end);
  if (!told || why) return { ...outcomeWithoutEnd(record, end), ...(why && { warnings: [...record.warnings, why] }) };
  // Started again by another gateway, it may say the same twice.
  const warnings = [...new Set([...record.warnings, ...told.warnings])];
  return { ...timesOf(record, told), ...outcomeOf(record, told), warnings, logged: told.lines };
}

async function finish(body: Body, { logged, ...outcome }: Outcome): Promise<void> {
  const { parts, input, status } = body;
  const { warnings = status.now().warnings } = outcome;
  // Before it is said to be over: whoever hears of it asks for what it left.
  const lost = await keepChanged(parts, status.now(), logged);
  const all = lost === null ? warnings : [...new Set([...warnings, lost])];
  await status.change({ ended: new Date().toISOString(), ...outcome, warnings: all });
  try {
    await parts.compute.remove(workloadOf(body));
    await parts.secrets.takeBack(input.record.id);
    await parts.folders.removeFiles(input.record);
  } catch (error) {
    // What is left is cleared away at the next start.
    parts.onError(error);
  }
  input.onEnd();
}

/** @returns what could not be kept, in a sentence */
async function keepChanged({ snapshots, folders, runner, onError }: LiveParts, record: ExecutionRecord, logged?: number) {
  try {
    const lost = await snapshots.keepChanged(record);
    if (lost !== null && logged !== undefined) await runner.addNote(folders.pathsOf(record).bine, { after: logged, text: `${lost}\n` });
    return lost;
  } catch (error) {
    onError(error);
    return `What it wrote into its folder could not be kept: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Process 1 hears nothing before it is up, so it is asked until it ends. */
async function terminateUntilOver(body: Body): Promise<void> {
  const { parts, status, life } = body;
  for (let asked = 0; !isOver(status.now()) && !life.aborted; asked++) {
    await parts.compute.end(workloadOf(body), asked < asksBeforeKill ? 'terminate' : 'kill').catch(parts.onError);
    await delay(askAgainMilliseconds, life);
  }
}

const workloadOf = ({ parts, input }: Body): WorkloadRef => parts.compute.refOf('execution', input.record.id);

/** As its runner says, if that can be. */
function timesOf(record: ExecutionRecord, end: RunnerEnd): Pick<ExecutionRecord, 'started' | 'ended'> {
  const within = (seconds: number) => Math.min(Math.max(seconds * 1000, Date.parse(record.submitted)), Date.now()) / 1000;
  return { started: toTime(within(end.started)), ended: toTime(within(end.ended)) };
}
