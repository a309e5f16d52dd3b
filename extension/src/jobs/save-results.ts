/** Results onto the user's machine: where they say, or back beside the program that was run from a local folder. */
import { planSaving } from '@bine/client/node/save-results';
import type { SavePlan, Saved } from '@bine/client/node/save-results';
import type { JobExecution, Result } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import { baseName } from '../files/uri.ts';
import { cancelled } from '../vs/ask.ts';
import { inHome, openLocal, saveLocal } from '../vs/local-files.ts';
import { type Report, withProgress } from '../vs/progress.ts';
import { fetchResult, listResults } from './results.ts';

export type SaveDeps = { connection: Connection; originOf: (snapshot: string) => vscode.Uri | undefined };

/** Those that were chosen; null: all. */
export type Chosen = { execution: JobExecution; result: Result | null };

/** Asks where. */
export async function downloadResults(deps: SaveDeps, { execution, result }: Chosen): Promise<void> {
  if (result) {
    const name = baseName(result.path);
    const target = await vscode.window.showSaveDialog({ title: `Download ${name}`, saveLabel: 'Download', defaultUri: inHome(name) });
    if (!target) throw cancelled();
    await withProgress(`Downloading ${name}`, (signal) => saveOne(deps.connection, { execution, result, target, signal }));
    return;
  }
  const folder = await askFolder(`Download the results of ${execution.job} #${execution.number} into`, 'Download Here');
  await saveInto(deps, { execution, folder, choose: (all) => all.map((one) => ({ result: one, path: one.path })) });
}

/** What it wrote into its folder goes to where it would have been here; what it wrote as a result, beside the program. */
export async function saveBeside(deps: SaveDeps, { execution, result }: Chosen): Promise<void> {
  const { snapshot } = execution.inputs;
  const folder = (snapshot && deps.originOf(snapshot)) || (await askFolder('The folder that the job was run from', 'Save Here'));
  const choose = (all: readonly Result[]) =>
    all.filter(({ path }) => result === null || path === result.path).map((one) => ({ result: one, path: placeBeside(execution, one) }));
  await saveInto(deps, { execution, folder, choose });
}

/** The executed notebook has the name of the one that was run, which it is not to replace. */
export function placeBeside({ inputs, executed }: JobExecution, { path, source }: Result): string {
  if (source === 'folder') return path;
  const folder = inputs.path.slice(0, inputs.path.lastIndexOf('/') + 1);
  return `${folder}${path === executed ? path.replace(/\.ipynb$/, '.executed.ipynb') : path}`;
}

type Into = { execution: JobExecution; folder: vscode.Uri; choose: (all: readonly Result[]) => Saved[] };

async function saveInto({ connection }: SaveDeps, { execution, folder, choose }: Into): Promise<void> {
  const at = (path: string) => vscode.Uri.joinPath(folder, path);
  const title = `Saving the results of ${execution.job} #${execution.number}`;
  const plan = await withProgress(title, async (signal) => {
    const results = choose(await listResults(connection, { project: execution.project, execution: execution.id }));
    if (results.length === 0) throw new Problem('not-found', `${execution.job} #${execution.number} left no files.`);
    const fetch = ({ path }: Result) => fetchResult(connection, { project: execution.project, execution: execution.id, path }, signal);
    return planSaving({ results, read: (path) => readLocal(at(path)), fetch, signal });
  });
  const chosen = await withoutLoss(plan);
  await withProgress(title, (signal, report) => saveAll(chosen, { connection, execution, at, signal, report }));
  if (chosen.length === 0) vscode.window.setStatusBarMessage('$(check) All results are there already', 10_000);
  else await vscode.commands.executeCommand('revealInExplorer', at(chosen[0]!.path));
}

/** What somebody changed here is replaced only when it is said so. */
async function withoutLoss({ free, changed }: SavePlan): Promise<Saved[]> {
  if (changed.length === 0) return free;
  const [replace, skip] = ['Replace', 'Keep Mine'];
  const names = changed.slice(0, 5).map(({ path }) => path);
  const more = changed.length > names.length ? `\nand ${changed.length - names.length} more` : '';
  const what = changed.length === 1 ? `"${names[0]}" was` : `${changed.length} files were`;
  const detail = `${changed.length === 1 ? '' : `${names.join('\n')}${more}\n\n`}What is replaced cannot be brought back.`;
  const question = `${what} changed here since the job was run.`;
  const answer = await vscode.window.showWarningMessage(question, { modal: true, detail }, replace, skip);
  if (!answer) throw cancelled();
  return answer === replace ? [...free, ...changed] : free;
}

type SavingAll = { connection: Connection; execution: JobExecution; at: (path: string) => vscode.Uri; signal: AbortSignal; report: Report };

async function saveAll(chosen: readonly Saved[], { connection, execution, at, signal, report }: SavingAll): Promise<void> {
  for (const [index, { result, path }] of chosen.entries()) {
    report(path, index / chosen.length);
    await vscode.workspace.fs.createDirectory(vscode.Uri.joinPath(at(path), '..'));
    await saveOne(connection, { execution, result, target: at(path), signal });
  }
}

type SavingOne = { execution: JobExecution; result: Result; target: vscode.Uri; signal: AbortSignal };

async function saveOne(connection: Connection, { execution, result, target, signal }: SavingOne): Promise<void> {
  const place = { project: execution.project, execution: execution.id, path: result.path };
  const { body } = await fetchResult(connection, place, signal);
  await saveLocal(target, body ?? new Blob([]).stream(), signal);
}

async function readLocal(uri: vscode.Uri): Promise<Blob | null> {
  const there = await vscode.workspace.fs.stat(uri).then(
    () => true,
    (error: unknown) => {
      if (error instanceof vscode.FileSystemError && error.code === 'FileNotFound') return false;
      throw error;
    },
  );
  return there ? openLocal(uri) : null;
}

async function askFolder(title: string, openLabel: string): Promise<vscode.Uri> {
  const options = { title, openLabel, canSelectFolders: true, canSelectFiles: false, defaultUri: inHome('') };
  const [folder] = (await vscode.window.showOpenDialog(options)) ?? [];
  if (!folder) throw cancelled();
  return folder;
}
