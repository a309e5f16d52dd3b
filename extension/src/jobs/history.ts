/** The history of a job in an editor: how its executions ended, how long they took, and what one of them used. */
import type { JobExecution, Usage } from '@bine/shared';
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import { executionFacts, isOver } from './describe.ts';
import { type FromPage, type ToPage, historyPage } from './history-page.ts';
import { escapeHtml, outcomesPlot, summary, usagePlot, usageSeries } from './plots.ts';
import type { Jobs, Named } from './store.ts';

export type History = vscode.Disposable & { show(job: Named, selected?: string): Promise<void> };

const type = 'bine.jobHistory';
/** While an execution runs, what it uses is read again at this distance, in milliseconds. */
const freshness = 5000;

export function createHistory(connection: Connection, jobs: Jobs): History {
  const open = new Map<string, { panel: vscode.WebviewPanel; select: (execution: string) => void }>();
  const keyOf = ({ project, name }: Named) => `${project}/${name}`;

  function fill(panel: vscode.WebviewPanel, job: Named, selected?: string): void {
    const select = live(panel, job, selected ?? null);
    open.set(keyOf(job), { panel, select });
    panel.onDidDispose(() => open.delete(keyOf(job)));
  }

  /** Keeps a panel up until it is closed. Returns what selects an execution in it. */
  function live(panel: vscode.WebviewPanel, job: Named, first: string | null): (execution: string) => void {
    let chosen = first;
    let usage: { of: string; values: Usage[] } | null = null;
    const current = () => jobs.execution(chosen ?? '') ?? jobs.executionsOf(job)[0];

    async function draw(): Promise<void> {
      const one = current();
      const values = usage && usage.of === one?.id ? usage.values : [];
      const message: ToPage = { kind: 'content', html: contentOf(job, jobs.executionsOf(job), one, values), selected: one?.id ?? null };
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- VS Code's webview, not a window
      await panel.webview.postMessage(message);
    }
    async function read(): Promise<void> {
      const one = current();
      await draw();
      if (!one?.started) return;
      const values = await connection.client.executions.usage({ project: one.project, execution: one.id });
      usage = { of: one.id, values };
      await draw();
    }
    // Asked for again where all was read anew meanwhile, as after a reload. A failure is told by the connection's own state, and mended by
    // the next change.
    const update = () =>
      void jobs
        .load(job)
        .then(read)
        .catch(() => undefined);
    const select = (execution: string) => {
      chosen = execution;
      update();
    };
    const timer = setInterval(() => panel.visible && current() && !isOver(current()!) && update(), freshness);

    panel.webview.onDidReceiveMessage((message: FromPage) => {
      if (message.kind === 'ready') update();
      if (message.kind === 'select') select(message.execution);
      if (message.kind === 'do') void act(message.command, current());
    });
    const changes = jobs.onDidChange(update);
    panel.onDidDispose(() => {
      changes.dispose();
      clearInterval(timer);
    });
    panel.webview.html = historyPage(job.name, crypto.randomUUID(), job);
    return select;
  }

  const restoring = vscode.window.registerWebviewPanelSerializer(type, {
    async deserializeWebviewPanel(panel, state: (Named & { selected?: string }) | undefined) {
      if (!state?.project || !state.name) {
        panel.dispose();
        return;
      }
      panel.webview.options = { enableScripts: true, localResourceRoots: [] };
      fill(panel, { project: state.project, name: state.name }, state.selected);
    },
  });
  const close = () => {
    for (const { panel } of open.values()) panel.dispose();
  };
  // Whoever is signed in next may not see it.
  const leaving = connection.onDidRestart(close);
  return {
    async show(job, selected) {
      const there = open.get(keyOf(job));
      if (there) {
        there.panel.reveal();
        if (selected) there.select(selected);
        return;
      }
      const options = { enableScripts: true, localResourceRoots: [] };
      fill(vscode.window.createWebviewPanel(type, `${job.name}: History`, vscode.ViewColumn.Active, options), job, selected);
    },
    dispose() {
      restoring.dispose();
      leaving.dispose();
      close();
    },
  };
}

const commands = { log: 'bine.showExecutionLog', rerun: 'bine.rerunExecution', stop: 'bine.stopExecution' } as const;

async function act(command: keyof typeof commands, execution: JobExecution | undefined): Promise<void> {
  if (execution) await vscode.commands.executeCommand(commands[command], { kind: 'execution', execution });
}

/** The latest executions, oldest on the left, and one of them in full. */
function contentOf(job: Named, all: readonly JobExecution[], one: JobExecution | undefined, usage: readonly Usage[]): string {
  const title = `<h1>${escapeHtml(job.name)}</h1>`;
  if (!one) return `${title}<p>This job was not run yet.</p>`;
  const shown = all.slice(0, 50).toReversed();
  const rows = executionFacts(one).map(([name, value]) => `<tr><td>${escapeHtml(name)}</td><td>${escapeHtml(value)}</td></tr>`);
  const button = (command: string, text: string) => `<button data-command="${command}">${text}</button>`;
  const plots = usageSeries(usage, one).map((series) => `<h2>${series.title}</h2>${usagePlot(series)}`);
  return `${title}<p>${escapeHtml(job.project)} · ${escapeHtml(summary(all))}</p>
<h2>Duration and outcome</h2>${outcomesPlot(shown, one.id, Date.now())}
<h2>#${one.number}</h2><div class="actions">${button('log', 'Show Log')}${isOver(one) ? button('rerun', 'Run Again') : button('stop', 'Stop')}</div>
<table>${rows.join('')}</table>
${usage.length > 1 ? plots.join('') : `<h2>CPU and memory</h2><p>${isOver(one) ? 'It ended before they were measured.' : 'They are measured while it runs.'}</p>`}`;
}
