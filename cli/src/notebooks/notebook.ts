/** The notebook format (nbformat 4.5), as far as running one needs it. */
import { Problem } from '@bine/shared/problems';

type Lines = string | string[];
export type Bundle = Record<string, unknown>;

export type Output =
  | { output_type: 'stream'; name: string; text: Lines }
  | { output_type: 'display_data'; data: Bundle; metadata: object }
  | { output_type: 'execute_result'; data: Bundle; metadata: object; execution_count: number | null }
  | { output_type: 'error'; ename: string; evalue: string; traceback: string[] };

export type CodeCell = {
  cell_type: 'code';
  id: string;
  source: Lines;
  metadata: object;
  execution_count: number | null;
  outputs: Output[];
};
type OtherCell = { cell_type: 'markdown' | 'raw'; source: Lines };

export type Notebook = {
  cells: (CodeCell | OtherCell)[];
  metadata: { bine?: { environment?: string } };
  nbformat: number;
  nbformat_minor: number;
};

/** @throws Problem that says why it cannot be run */
export function parseNotebook(text: string, path: string): Notebook {
  let notebook: Partial<Notebook> | null;
  try {
    notebook = JSON.parse(text) as Partial<Notebook> | null;
  } catch (cause) {
    throw new Problem('invalid', `${path} is not a notebook: it is not JSON.`, { cause });
  }
  if (notebook?.nbformat !== 4 || !Array.isArray(notebook.cells)) {
    throw new Problem('invalid', `${path} is not a notebook of format 4. Open it in VS Code and save it.`);
  }
  const { cells } = notebook;
  // Before 4.5 cells had no id; the kernel's log needs one a cell.
  cells.forEach((cell, place) => {
    if (cell.cell_type === 'code') cell.id ??= `cell-${place}`;
  });
  return { ...notebook, cells, metadata: notebook.metadata ?? {}, nbformat: 4, nbformat_minor: Math.max(notebook.nbformat_minor ?? 0, 5) };
}

/** As Jupyter writes it: one space, a line end at the end, texts as lists of lines. */
export function formatNotebook(notebook: Notebook): string {
  return `${JSON.stringify(notebook, null, 1)}\n`;
}

export function textOf(lines: Lines | undefined): string {
  return Array.isArray(lines) ? lines.join('') : (lines ?? '');
}

export function linesOf(text: string): string[] {
  return text === '' ? [] : text.split(/(?<=\n)/);
}

/** Cells with something to run. */
export function codeCells(notebook: Notebook): CodeCell[] {
  return notebook.cells.filter((cell): cell is CodeCell => cell.cell_type === 'code' && textOf(cell.source).trim() !== '');
}
