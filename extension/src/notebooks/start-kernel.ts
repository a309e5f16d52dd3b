/** Makes sure that a notebook has a kernel in its environment, and says what that waits for. */
import type { Kernel, SecretUse } from '@bine/shared';
import * as vscode from 'vscode';
import { cancelNow } from '../connection/cancel.ts';
import type { Connection, ContractClient } from '../connection/client.ts';
import { toProblem } from '../connection/problem.ts';
import { aborted } from '../connection/wait.ts';
import { baseName } from '../files/uri.ts';
import { isRunning } from '../kernels/store.ts';
import { confirm } from '../vs/ask.ts';
import { tellUncancelled } from '../vs/progress.ts';
import type { Limits } from './kernel-limits.ts';
import { untilStarted } from './until-started.ts';

export type StartOptions = {
  client: ContractClient;
  project: string;
  environment: string;
  notebook: string;
  /** Those that kernels of the project are to get. */
  secrets: SecretUse[];
  limits: Limits;
  /** The notebook's kernel as last known, in whatever state. */
  known: Kernel | null;
};

/** @throws Problem */
export async function startKernel({ client, known, limits, ...wanted }: StartOptions): Promise<Kernel> {
  if (known && isRunning(known)) {
    if (known.environment === wanted.environment) return known;
    if (known.state === 'busy') await confirmSwitch(known);
    return client.kernels.start({ ...wanted, ...limits });
  }
  const same = known?.environment === wanted.environment && known.memory === limits.memory && known.cores === limits.cores;
  const sameSecrets = JSON.stringify(known?.secrets) === JSON.stringify(wanted.secrets);
  if (!known || !same || known.gpus !== limits.gpus || !sameSecrets) return client.kernels.start({ ...wanted, ...limits });
  try {
    const revived = await client.kernels.restart({ project: known.project, kernel: known.id });
    if (known.cause) tellLoss(known);
    return revived;
  } catch (error) {
    // Its log was too old to keep, or the notebook has another one by now.
    if (!['not-found', 'conflict'].includes(toProblem(error).code)) throw error;
    return client.kernels.start({ ...wanted, ...limits });
  }
}

async function confirmSwitch({ notebook, environment }: Kernel): Promise<void> {
  const question = `${baseName(notebook ?? '')} still runs in ${environment}. Stop that, and go on in the other environment?`;
  await confirm(question, 'What runs is interrupted, and the variables are lost. Outputs are kept.', 'Stop and Go On');
}

function tellLoss({ cause, notebook }: Kernel): void {
  const name = baseName(notebook ?? '');
  void vscode.window
    .showInformationMessage(`${name} got a new kernel; the variables of the old one are gone. ${cause}`, 'Run All')
    .then((chosen) => {
      if (chosen) return vscode.commands.executeCommand('notebook.execute');
      return undefined;
    });
}

export type WatchOptions = {
  connection: Pick<Connection, 'client' | 'events'>;
  kernel: Kernel;
  /** The environment's title. */
  title: string;
  /** Gives up waiting. */
  signal: AbortSignal;
};

/**
 * Waits until the kernel can run something. While its environment is built, a notification says how far that is, and can
 * cancel it. @throws Problem `cancelled`, or why the kernel did not start
 */
export async function watchStart({ connection, kernel, title, signal }: WatchOptions): Promise<void> {
  const { client, events } = connection;
  const at = { project: kernel.project, kernel: kernel.id };
  await untilStarted({
    follow(look, onError) {
      const subscription = vscode.Disposable.from(
        events.on('kernel.changed', ({ data }) => data.id === kernel.id && look(data)),
        events.onDidReset(() => void client.kernels.get(at).then(look, onError)),
      );
      // What changed between the answer and now.
      client.kernels.get(at).then(look, onError);
      return () => void subscription.dispose();
    },
    showBuilding: async (until) => showBuilding({ client, kernel, title, until }),
    signal,
  });
}

type Building = { client: ContractClient; kernel: Kernel; title: string; until: AbortSignal };

/** Answers true when the user cancelled it. */
async function showBuilding({ client, kernel: { project, id, environment }, title, until }: Building): Promise<boolean> {
  const link = `[details](command:bine.showBuildLog?${encodeURIComponent(JSON.stringify([project, environment]))})`;
  const options = { location: vscode.ProgressLocation.Notification, title: `Building ${title} (${link})`, cancellable: true };
  return vscode.window.withProgress(options, async (progress, token) => {
    const ending = new AbortController();
    const signal = AbortSignal.any([ending.signal, until]);
    token.onCancellationRequested(() => ending.abort());
    void reportBuild({ client, project, environment, signal, report: (message) => progress.report({ message }) });
    await aborted(signal);
    if (!token.isCancellationRequested) return false;
    const onFailure = tellUncancelled(`Building ${title}`);
    await Promise.all([
      cancelNow(() => client.environments.cancelBuild({ project, environment }), onFailure),
      cancelNow(() => client.kernels.shutdown({ project, kernel: id }), onFailure),
    ]);
    return true;
  });
}

type Reporting = { client: ContractClient; project: string; environment: string; signal: AbortSignal; report: (message: string) => void };

/** Says each line of the log but the last one: how the build ends is said by the kernel. */
async function reportBuild({ client, project, environment, signal, report }: Reporting): Promise<void> {
  try {
    for await (const { text, done } of await client.environments.log({ project, environment }, { signal })) if (!done) report(text);
  } catch {
    // The build goes on without its log being shown.
  }
}
