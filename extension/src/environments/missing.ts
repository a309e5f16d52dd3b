/**
 * Under a cell whose import failed: "Install X and run again". In a clone that is one step, and its kernel goes on with what it has in
 * memory; a bundled environment is cloned first, and kernel and notebook go on in the clone.
 */
import type { Environment } from '@bine/shared';
import * as vscode from 'vscode';
import { isRunning } from '../kernels/store.ts';
import { notebookType } from '../notebooks/controllers.ts';
import type { Session } from '../notebooks/session.ts';
import { baseName } from '../files/uri.ts';
import { toProblem } from '../connection/problem.ts';
import { type Choice, confirm, pick } from '../vs/ask.ts';
import { clone, takenIn } from './clone.ts';
import type { EnvironmentDeps } from './environments.ts';
import { install } from './install.ts';
import { missingDistribution } from './missing-module.ts';
import { cloneName } from './names.ts';
import type { Target } from './target.ts';

export type MissingOffer = vscode.Disposable & { install(cell: vscode.NotebookCell): Promise<void> };

type Missing = { distribution: string; session: Session; target: Target };

/** Milliseconds after which a kernel that was not changed in place is run all the same. */
const patience = 60_000;
const errorMime = 'application/vnd.code.notebook.error';

export function createMissingOffer(deps: EnvironmentDeps): MissingOffer {
  const { environments, notebooks } = deps;
  const changed = new vscode.EventEmitter<void>();
  const busy = new Set<vscode.NotebookCell>();

  function missingIn(cell: vscode.NotebookCell): Missing | null {
    const distribution = distributionOf(cell);
    const session = notebooks.sessionOf(cell.notebook);
    const name = distribution && notebooks.environmentOf(cell.notebook);
    const project = session?.place.project;
    if (!distribution || !session || !name || !project) return null;
    const environment = environments.find(project, name);
    const role = deps.projects.all?.find((each) => each.name === project)?.role;
    return environment && role !== 'viewer' ? { distribution, session, target: { project, environment } } : null;
  }

  function itemsOf(cell: vscode.NotebookCell): vscode.NotebookCellStatusBarItem[] {
    const missing = missingIn(cell);
    if (!missing) return [];
    const { distribution, target } = missing;
    const item = new vscode.NotebookCellStatusBarItem('', vscode.NotebookCellStatusBarAlignment.Left);
    if (busy.has(cell)) {
      item.text = `$(sync~spin) Installing ${distribution}…`;
      return [item];
    }
    const { title, bundled, name } = target.environment;
    const copy = cloneName(name, new Set(environments.of(target.project)?.map((each) => each.name)));
    item.text = bundled
      ? `$(cloud-download) Clone ${title} as ${copy}, install ${distribution} and run again`
      : `$(cloud-download) Install ${distribution} in ${title} and run again`;
    item.tooltip = bundled
      ? `${title} is bundled and never changes. The notebook goes on in the clone, and its kernel with what it has in memory.`
      : 'The kernel goes on with what it has in memory.';
    item.command = { command: 'bine.installMissing', title: item.text, arguments: [cell] };
    return [item];
  }

  const provider = { onDidChangeCellStatusBarItems: changed.event, provideCellStatusBarItems: itemsOf };
  const disposables = vscode.Disposable.from(
    changed,
    environments.onDidChange(() => changed.fire()),
    vscode.notebooks.registerNotebookCellStatusBarItemProvider(notebookType, provider),
  );
  return {
    async install(cell) {
      const missing = missingIn(cell);
      if (!missing || busy.has(cell)) return;
      busy.add(cell);
      changed.fire();
      try {
        await mend(deps, cell, missing);
      } finally {
        busy.delete(cell);
        changed.fire();
      }
    },
    dispose: () => disposables.dispose(),
  };
}

/** What the error that a cell shows is mended by; the error of a file that was saved counts as well. */
function distributionOf({ outputs }: vscode.NotebookCell): string | null {
  const item = outputs.flatMap(({ items }) => items).find(({ mime }) => mime === errorMime);
  if (!item) return null;
  const { name, message } = JSON.parse(new TextDecoder().decode(item.data)) as { name?: string; message?: string };
  return missingDistribution({ name: name ?? '', value: message ?? '' });
}

async function mend(deps: EnvironmentDeps, cell: vscode.NotebookCell, { distribution, session, target }: Missing): Promise<void> {
  const { project, environment } = target;
  const before = session.kernel;
  const own = environment.bundled ? await ownFor(deps, target, session) : environment;
  const change = await install(deps, { project, environment: own }, { what: distribution, install: [distribution] });
  if (own.name !== environment.name) {
    await deps.notebooks.select(cell.notebook, own.name, AbortSignal.timeout(patience));
    await untilApplied(session, own.name, change.revision);
    await session.run([cell], own.name);
    const isNew = before && isRunning(before) && session.kernel?.id !== before.id;
    if (isNew && session.runs.size > 1) tellNewKernel(session, cell, own);
    return;
  }
  await untilApplied(session, own.name, change.revision);
  await session.run([cell], own.name);
}

/** The environment of the project that takes a bundled one's place: a new clone, or one that there is already. */
async function ownFor(deps: EnvironmentDeps, target: Target, session: Session): Promise<Environment> {
  const { project, environment } = target;
  const name = cloneName(environment.name, await takenIn(deps, project));
  const clones = (await deps.environments.list(project)).filter(({ from }) => from === environment.name);
  if (clones.length === 0) return cloneWithKernel(deps, target, { name, session });
  const choices: Choice<Environment | null>[] = [
    ...clones.map((value) => ({
      label: `$(server-environment) ${value.title}`,
      description: `clone of ${environment.title}, with a new kernel`,
      value,
    })),
    { label: `$(copy) Clone as ${name}`, description: 'the kernel goes on with what it has in memory', value: null },
  ];
  const chosen = await pick<Environment | null>(choices, { title: 'Install Where?', placeHolder: `${environment.title} never changes` });
  return chosen ?? cloneWithKernel(deps, target, { name, session });
}

/** One that was started before the environment changed, as by a newer gateway, cannot come along. */
async function cloneWithKernel(
  deps: EnvironmentDeps,
  target: Target,
  { name, session }: { name: string; session: Session },
): Promise<Environment> {
  const { kernel } = session;
  const comes = kernel && isRunning(kernel) && kernel.environment === target.environment.name;
  try {
    return await clone(deps, target, { name, kernel: comes ? kernel.id : undefined });
  } catch (error) {
    if (!comes || toProblem(error).code !== 'conflict') throw error;
    const detail = `${toProblem(error).message} Or the notebook goes on with a new kernel: its variables are lost.`;
    await confirm('The kernel cannot go on in a clone.', detail, 'Go On with a New Kernel');
    return clone(deps, target, { name });
  }
}

/** Until the running kernel of the notebook, if there is one, has the packages of this revision. */
function untilApplied(session: Session, environment: string, revision: number | null): Promise<void> {
  const has = () => {
    const { kernel } = session;
    if (!kernel || !isRunning(kernel) || kernel.environment !== environment) return true;
    return revision === null || kernel.revision === null || kernel.revision >= revision;
  };
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      subscription.dispose();
      resolve();
    };
    const timer = setTimeout(done, patience);
    const subscription = session.onDidChange(() => has() && done());
    if (has()) done();
  });
}

function tellNewKernel(session: Session, cell: vscode.NotebookCell, { name, title }: Environment): void {
  const notebook = baseName(session.place.path);
  const above = session.notebook.getCells().filter(({ kind, index }) => kind === vscode.NotebookCellKind.Code && index < cell.index);
  if (above.length === 0) return;
  void vscode.window
    .showInformationMessage(`${notebook} goes on in ${title}, with a new kernel: what earlier cells made is not there.`, 'Run Cells Above')
    .then((chosen) => chosen && session.run(above, name));
}
