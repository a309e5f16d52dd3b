/** `bine run` */
import { Problem } from '@bine/shared/problems';
import { runNotebook } from '../notebooks/run-notebook.ts';
import { showOutputs } from '../notebooks/outputs.ts';
import { textOf, type CodeCell } from '../notebooks/notebook.ts';
import { formatDuration, type Terminal } from '../terminal.ts';
import { defineVerb } from '../verb.ts';

export const run = defineVerb<{ notebook: string; project: string; environment?: string }>({
  summary: 'Run a notebook on a kernel from its first cell to its last, and keep the outputs in it',
  examples: [
    ['1-features.ipynb -p quickstart', 'in the environment that the notebook names'],
    ['report.ipynb -p churn --environment python-feature', 'in another one'],
  ],
  arguments: [{ name: 'notebook', summary: 'Its path in the project' }],
  options: [
    { flags: '-p, --project <project>', summary: 'Project', required: true },
    { flags: '--environment <name>', summary: 'As in "env list" (default: the one that the notebook names)' },
  ],
  json: true,
  async run(context, { notebook, project, environment }) {
    const { terminal, signal, json } = context;
    const executions = await runNotebook({
      client: await context.client(),
      project,
      path: notebook,
      environment,
      signal,
      report: () => {},
      onCell: (cell, execution) => {
        if (!json) showCell(cell, execution, terminal);
      },
    });
    if (json) terminal.printJson(executions);
    const failed = executions.find(({ state }) => state === 'failed');
    if (failed) throw new Problem('conflict', `A cell of ${notebook} failed: ${failed.error?.name}: ${failed.error?.value}`);
  },
});

export function showCell(cell: CodeCell, { index, total, ms }: { index: number; total: number; ms: number }, terminal: Terminal): void {
  const lines = textOf(cell.source).trim().split('\n');
  // What a cell imports says less about it than what it does.
  const title = lines.find((line) => line.trim() !== '' && !/^(import|from|#)\b/.test(line)) ?? lines[0]!;
  const count = `[${index + 1}/${total}]`;
  terminal.print(`${terminal.style('bold', count)} ${title.slice(0, 90)}  ${terminal.style('dim', formatDuration(ms))}`);
  showOutputs(cell, terminal);
}
