/**
 * Shows runs in the cells of one notebook, through VS Code's executions: a cell has one from the moment it waits until it has
 * ended, and again for a moment when something arrives later. What arrives quickly is shown together.
 */
import * as vscode from 'vscode';
import { cellId, findCell } from './cells.ts';
import { type Item, isShown, itemsOf, metadataOf, streamItem } from './output-items.ts';
import type { Change, Output } from '@bine/client/notebooks/outputs';
import type { Run } from '@bine/client/notebooks/run';

export type CellScreen = vscode.Disposable & {
  /** The cell waits for its turn as the run with this id, which the log does not know yet. */
  wait(cell: vscode.NotebookCell, run: string): void;
  /** The run with this id will not come: the cell is as it was. */
  giveUp(run: string): void;
  /** Shows soon what is new in these. */
  show(runs: readonly Run[]): void;
  /** As `show`, but leaves outputs alone that the cell has already. Answers the runs that were news. */
  restore(runs: readonly Run[]): Run[];
  /** The cells show these, as far as anybody needs to know. */
  assume(runs: readonly Run[]): void;
  /** The controller has changed: what could not be shown may be shown now. */
  resume(): void;
  /** Resolves when everything is shown. */
  shown(): Promise<void>;
};

export type CellScreenOptions = {
  notebook: vscode.NotebookDocument;
  /** The controller that is selected; null: nothing can be shown now. */
  controller: () => vscode.NotebookController | null;
  log: vscode.LogOutputChannel;
};

/** Milliseconds in which what arrives is gathered. */
const gather = 50;

type View = {
  run: string;
  execution: vscode.NotebookCellExecution;
  started: boolean;
  /** The log does not know the run yet. */
  awaited: boolean;
  /** What the cell said of its last run, should this one not come. */
  before: vscode.NotebookCellExecutionSummary | undefined;
  /** The number that this execution was given: VS Code takes the cell's away when it begins. */
  count: number | null;
};

type Screen = CellScreenOptions & {
  /** By cell id. */
  views: Map<string, View>;
  /** Runs of which the cell's outputs are those of the run. */
  drawn: WeakSet<Run>;
  /** Runs whose end is shown. */
  finished: WeakSet<Run>;
  outputs: WeakMap<Output, vscode.NotebookCellOutput>;
};

export function createCellScreen(options: CellScreenOptions): CellScreen {
  const { notebook, controller, log } = options;
  const screen: Screen = { ...options, views: new Map(), drawn: new WeakSet(), finished: new WeakSet(), outputs: new WeakMap() };
  const { views } = screen;
  const waiting = new Set<Run>();
  let working: Promise<void> = Promise.resolve();
  let isWorking = false;

  async function flush(): Promise<void> {
    while (waiting.size > 0 && controller()) {
      await new Promise((resolve) => setTimeout(resolve, gather));
      const runs = [...waiting];
      waiting.clear();
      // VS Code answers when it has taken over what was shown: a slow editor is asked less often.
      for (const run of runs) await draw(screen, run).catch((error: unknown) => log.error(`Showing a cell of ${notebook.uri.path}`, error));
    }
  }
  function resume(): void {
    if (waiting.size === 0 || isWorking) return;
    isWorking = true;
    working = flush().finally(() => (isWorking = false));
  }
  function show(runs: readonly Run[]): void {
    for (const run of runs) waiting.add(run);
    resume();
  }

  return {
    wait(cell, run) {
      const id = cellId(cell);
      const view = id !== null && openView(screen, id, run);
      if (view) view.awaited = true;
    },
    giveUp(run) {
      for (const [id, view] of views) if (view.run === run) closeView(screen, id, view);
    },
    show,
    restore(runs) {
      const news = runs.filter((run) => !adopt(screen, run));
      show(runs);
      return news;
    },
    assume(runs) {
      for (const run of runs) {
        const isSame = adopt(screen, run);
        if (!isSame) run.outputs.take();
        screen.drawn.add(run);
        run.outputs.forget();
        // A file that was saved while the cell ran has no number, and none has how it ended and how long it took. Neither makes it dirty.
        const count = findCell(notebook, run.cell)?.executionSummary?.executionOrder;
        if (run.count === null || !(count === run.count || (isSame && count === undefined))) screen.finished.add(run);
      }
      show(runs.filter((run) => !screen.finished.has(run)));
    },
    resume,
    shown: () => working,
    dispose() {
      waiting.clear();
      for (const [id, view] of views) closeView(screen, id, view);
    },
  };
}

/** null: there is no such cell, or nothing may be shown in it. */
function openView({ notebook, controller, views }: Screen, id: string, run: string): View | null {
  const existing = views.get(id);
  if (existing?.run === run) return existing;
  if (existing?.awaited) return null;
  if (existing) existing.execution.end(undefined);
  const cell = findCell(notebook, id);
  const summary = cell?.executionSummary;
  const execution = cell && controller()?.createNotebookCellExecution(cell);
  if (!execution) return null;
  const before = existing && !existing.started ? existing.before : summary;
  const view: View = { run, execution, started: false, awaited: false, before, count: null };
  views.set(id, view);
  return view;
}

function closeView({ views }: Screen, id: string, { execution, started, before }: View, run?: Run): void {
  views.delete(id);
  if (started || !before) return execution.end(run?.success ?? undefined, run?.ended ?? undefined);
  if (before.timing) execution.start(before.timing.startTime);
  execution.executionOrder = before.executionOrder;
  execution.end(before.success, before.timing?.endTime);
}

/** Takes over what the cell shows as outputs of the run. False: it shows others. */
function adopt({ notebook, drawn, outputs }: Screen, run: Run): boolean {
  const cell = findCell(notebook, run.cell);
  if (!cell || run.state === 'queued' || !isShown(run.outputs.all, cell.outputs)) return false;
  drawn.add(run);
  run.outputs.take();
  for (const [index, output] of run.outputs.all.entries()) outputs.set(output, cell.outputs[index]!);
  run.outputs.forget();
  return true;
}

/** Brings the cell of a run up to date. Resolves when VS Code has taken it over. */
async function draw(screen: Screen, run: Run): Promise<void> {
  const { views, drawn, finished } = screen;
  const open = views.get(run.cell);
  if (run.state === 'ended' && run.started === null) {
    if (open?.run === run.id) closeView(screen, run.cell, open, run);
    return;
  }
  if (finished.has(run) && !run.outputs.changed) return;
  const view = openView(screen, run.cell, run.id);
  if (!view) return;
  view.awaited = false;
  if (run.state === 'queued') return;
  const { execution } = view;
  if (!view.started) execution.start(run.started ?? undefined);
  view.started = true;
  if (run.count !== view.count) {
    execution.executionOrder = run.count ?? undefined;
    view.count = run.count;
  }
  const changes = run.outputs.take();
  const work = drawn.has(run) ? changes.map((change) => apply(screen, execution, change)) : [drawAll(screen, execution, changes)];
  drawn.add(run);
  run.outputs.forget();
  if (run.state === 'ended') {
    finished.add(run);
    closeView(screen, run.cell, view, run);
  }
  await Promise.all(work.map((each) => Promise.resolve(each)));
}

/** The first outputs of a run take the place of those of the run before. */
function drawAll(screen: Screen, execution: vscode.NotebookCellExecution, changes: Change[]): Thenable<void> | undefined {
  const outputs = changes.flatMap((change) => (change.do === 'add' || change.do === 'reset' ? change.outputs : []));
  if (outputs.length === 0 && execution.cell.outputs.length === 0) return undefined;
  return execution.replaceOutput(outputs.map((output) => made(screen, output)));
}

function apply(screen: Screen, execution: vscode.NotebookCellExecution, change: Change): Thenable<void> | undefined {
  if (change.do === 'reset') return execution.replaceOutput(change.outputs.map((output) => made(screen, output)));
  if (change.do === 'add') return execution.appendOutput(change.outputs.map((output) => made(screen, output)));
  // What is shown by now is what VS Code has taken over: nothing of this change.
  if (change.do === 'drop') return execution.replaceOutput(execution.cell.outputs.slice(0, change.count));
  const shown = screen.outputs.get(change.output);
  if (!shown) return undefined;
  if (change.do === 'extend') return execution.appendOutputItems(asItem(streamItem(change.output.name, change.text)), shown);
  return execution.replaceOutputItems(itemsOf(change.output).map(asItem), shown);
}

function made({ outputs }: Screen, output: Output): vscode.NotebookCellOutput {
  const shown = new vscode.NotebookCellOutput(itemsOf(output).map(asItem), metadataOf(output));
  outputs.set(output, shown);
  return shown;
}

function asItem({ data, mime }: Item): vscode.NotebookCellOutputItem {
  return new vscode.NotebookCellOutputItem(data, mime);
}
