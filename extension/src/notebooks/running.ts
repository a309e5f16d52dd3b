/** What a notebook asks of its kernel: to run cells, to stop, to begin anew, to answer. */
import type { Kernel, SecretUse } from '@bine/shared';
import type { KernelMessage, KernelRecord } from '@bine/shared/kernel-wire';
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import { Problem } from '@bine/shared/problems';
import { type Place, baseName } from '../files/uri.ts';
import { foreignLanguage } from '@bine/client/notebooks/language';
import { isRunning } from '../kernels/store.ts';
import type { CellScreen } from './cell-screen.ts';
import { cellId, notebookMetadata, prepareNotebook } from './cells.ts';
import type { Following } from './following.ts';
import type { KernelLimits, Limits } from './kernel-limits.ts';
import { type KernelQuestions, createKernelQuestions } from './kernel-questions.ts';
import { executeRequest, inputReply } from './messages.ts';
import type { Question, Run } from '@bine/client/notebooks/run';
import { startKernel, watchStart } from './start-kernel.ts';

export type RunningOptions = {
  connection: Connection;
  notebook: vscode.NotebookDocument;
  place: Place;
  screen: CellScreen;
  following: Following;
  titleOf: (environment: string) => string;
  secretsOf: (project: string) => SecretUse[];
  limits: KernelLimits;
  onRun: (project: string, environment: string) => void;
};

export type Running = {
  /** Hands all cells to the kernel at once; resolves when it has begun. @throws Problem */
  run(cells: readonly vscode.NotebookCell[], environment: string): Promise<void>;
  interrupt(): Promise<void>;
  restart(): Promise<void>;
  /** Remembers it for the notebook; a kernel that it has is replaced by one with these limits. */
  resize(limits: Limits): Promise<void>;
  shutDown(): Promise<void>;
  answer(question: Question, value: string): void;
  /** Asks the kernel something that is worth nothing when the answer is late; null: it is late, or a cell runs. */
  ask: KernelQuestions['ask'];
};

/** Milliseconds after which an interrupt has had no effect. */
const stubborn = 10_000;

export function createRunning(options: RunningOptions & { onReply: (take: (record: KernelRecord) => unknown) => void }): Running {
  const { connection, following, limits, secretsOf } = options;
  const { client } = connection;
  const questions = createKernelQuestions(following);
  let starting = new AbortController();
  let turn: Promise<unknown> = Promise.resolve();
  options.onReply((record) => record.header.msg_type.endsWith('_reply') && questions.take(record));

  const at = () => {
    const [kernel] = following.kernels();
    return kernel && { project: kernel.project, kernel: kernel.id };
  };

  /** What is run while the kernel is replaced waits for the next one: the one that it replaces would take it and not run it. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = turn.then(work);
    turn = done.catch(() => undefined);
    return done;
  }

  async function handOver(requests: KernelMessage[], environment: string): Promise<Kernel> {
    const [known = null] = following.kernels();
    const { project, path } = options.place;
    const wanted = { project, environment, notebook: path, secrets: secretsOf(project), limits: limits.of(options.notebook.uri) };
    const kernel = await startKernel({ client, known, ...wanted });
    const follower = await following.attach(kernel);
    for (const request of requests) follower.send(request);
    return kernel;
  }

  /** At once, whatever waits for its turn; what is run from now on waits until it is over. */
  async function shutDown(): Promise<void> {
    const kernel = at();
    if (!kernel) return;
    const ended = client.kernels.shutdown(kernel).then(following.note);
    turn = Promise.allSettled([turn, ended]);
    await ended;
  }

  return {
    async run(cells, environment) {
      const queued = queue(options, cells, environment);
      // Whoever asks for a turn first has it first, so that the order is that of the user.
      const begun = inTurn(async () => handOver(await queued, environment));
      const ids = (await queued).map(({ header }) => header.msg_id);
      try {
        const kernel = await begun;
        const title = options.titleOf(environment);
        if (isComing(kernel)) await watchStart({ connection, kernel, title, signal: starting.signal });
      } catch (error) {
        following.withdraw(ids);
        for (const id of ids) options.screen.giveUp(id);
        throw error;
      }
    },
    async interrupt() {
      const kernel = at();
      if (!kernel) return;
      if (isComing(following.kernels()[0]!)) {
        starting.abort();
        starting = new AbortController();
        await shutDown();
        return;
      }
      const stuck = runningOne(following);
      await client.kernels.interrupt(kernel);
      if (stuck) setTimeout(() => void offerRestart(options, stuck), stubborn);
    },
    restart: () =>
      inTurn(async () => {
        const kernel = at();
        if (kernel) await following.attach(await client.kernels.restart(kernel));
      }),
    resize: (wanted) =>
      inTurn(async () => {
        await limits.remember(options.notebook.uri, wanted);
        const [known] = following.kernels();
        if (!known) return;
        // The limits are those of its container: with others, it is another kernel.
        if (isRunning(known)) await client.kernels.shutdown(at()!);
        const { project, path: notebook } = options.place;
        const { environment } = known;
        await following.attach(await client.kernels.start({ project, environment, notebook, secrets: secretsOf(project), ...wanted }));
      }),
    shutDown,
    answer: (question, value) => following.current?.send(inputReply(question, value)),
    ask: questions.ask,
  };
}

/** Shows the cells as waiting, and makes their requests of what they say now. */
async function queue(
  { notebook, screen, place, onRun }: RunningOptions,
  cells: readonly vscode.NotebookCell[],
  environment: string,
): Promise<KernelMessage[]> {
  const foreign = foreignLanguage(notebookMetadata(notebook), place.path);
  if (foreign) throw new Problem('invalid', `${baseName(place.path)} cannot be run: ${foreign}.`);
  await prepareNotebook(notebook, environment);
  onRun(place.project, environment);
  const batch = crypto.randomUUID();
  const requests = cells.map((cell) => {
    const request = executeRequest({ code: cell.document.getText(), cell: cellId(cell) ?? '', batch });
    screen.wait(cell, request.header.msg_id);
    return request;
  });
  const saves = vscode.workspace.getConfiguration('bine.notebooks', notebook.uri).get('saveBeforeRun', true);
  // The file on the gateway is then what was run; nobody waits for it.
  if (saves && notebook.isDirty && !notebook.isUntitled) void notebook.save();
  return requests;
}

function isComing({ state }: Kernel): boolean {
  return state === 'building' || state === 'starting';
}

function runningOne({ current }: Following): Run | undefined {
  return [...(current?.runs.latest.values() ?? [])].find(({ state }) => state === 'running');
}

async function offerRestart({ following, notebook }: RunningOptions, stuck: Run): Promise<void> {
  if (runningOne(following) !== stuck) return;
  const name = notebook.uri.path.split('/').at(-1);
  const chosen = await vscode.window.showWarningMessage(
    `${name} does not react to the interrupt. A restart ends it, and its variables with it.`,
    'Restart',
  );
  if (chosen && runningOne(following) === stuck)
    await vscode.commands.executeCommand('bine.restartNotebook', { notebookEditor: { notebookUri: notebook.uri } });
}
