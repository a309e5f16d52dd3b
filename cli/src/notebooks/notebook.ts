/** The notebook format (nbformat 4.5), as far as running one needs it. */
import { randomUUID } from 'node:crypto';
import { record } from '@bine/client/notebooks/content';
import type { NotebookOutput } from '@bine/client/notebooks/nbformat';
import { Problem } from '@bine/shared/problems';
import { problemOfNotebook } from './check-notebook.ts';
import { readNotebookJson } from './notebook-json.ts';

type Lines = string | string[];
export type CodeCell = {
  cell_type: 'code';
  id: string;
  source: Lines;
  metadata: object;
  execution_count: number | null;
  outputs: NotebookOutput[];
};
type OtherCell = { cell_type: 'markdown' | 'raw'; id: string; source: Lines };

export type Notebook = {
  cells: (CodeCell | OtherCell)[];
  metadata: { bine?: { environment?: string } };
  nbformat: number;
  nbformat_minor: number;
};

/** @throws Problem that says why it cannot be run */
export function parseNotebook(text: string, path: string): Notebook {
  const parsed = readNotebookJson(text, path);
  const problem = problemOfNotebook(parsed, path);
  if (problem) throw new Problem('invalid', `${path} is not a notebook that can be run: ${problem}.`);
  const notebook = parsed as Notebook;
  const { cells, nbformat_minor: minor } = notebook;
  identify(cells);
  return {
    ...notebook,
    cells,
    metadata: notebook.metadata ?? {},
    nbformat: 4,
    nbformat_minor: Number.isInteger(minor) ? Math.max(minor, 5) : 5,
  };
}

/** Gives each cell an id of its own, as the format wants it since 4.5, and the kernel's log anyway. */
function identify(cells: readonly { id?: unknown }[]): void {
  const taken = new Set<unknown>();
  for (const cell of cells) {
    if (typeof cell.id !== 'string' || !/^[\w-]{1,64}$/.test(cell.id) || taken.has(cell.id)) cell.id = randomUUID().slice(0, 8);
    taken.add(cell.id);
  }
}

/** As Jupyter writes it: one space, a line end at the end, texts as lists of lines. */
export function formatNotebook(notebook: Notebook): string {
  return `${JSON.stringify(notebook, null, 1)}\n`;
}

export function textOf(lines: Lines | undefined): string {
  return Array.isArray(lines) ? lines.join('') : (lines ?? '');
}

/** Cells with something to run. Who runs notebooks obeys the tag `skip-execution`. */
export function codeCells(notebook: Notebook): CodeCell[] {
  return notebook.cells.filter(
    (cell): cell is CodeCell => cell.cell_type === 'code' && textOf(cell.source).trim() !== '' && !isSkipped(cell),
  );
}

function isSkipped(cell: CodeCell): boolean {
  const { tags } = record(cell.metadata);
  return Array.isArray(tags) && tags.includes('skip-execution');
}
