import { foreignLanguage } from '@bine/client/notebooks/language';

/** Whether a file is a notebook whose cells can be run; the runner of jobs (images/supervisor, notebook_file.py) has the same rules. */

/** null: it is. Else what is wrong, and with which cell. What is not there counts as empty, as older programs write it. */
export function problemOfNotebook(notebook: unknown, path: string): string | null {
  if (!isObject(notebook)) return `it is ${kindOf(notebook)}, not an object`;
  const format = notebook['nbformat'];
  if (typeof format !== 'number')
    return `its "nbformat" is ${kindOf(format)}${typeof format === 'string' ? ` (${JSON.stringify(format).slice(0, 100)})` : ''}; it must be the number 4`;
  if (format !== 4)
    return `it is not of format 4; convert it with "jupyter nbconvert --to notebook --nbformat 4 ${path.split('/').at(-1)}"`;
  const { metadata = {}, cells } = notebook;
  if (!isObject(metadata)) return `its "metadata" is ${kindOf(metadata)}, not an object`;
  if (!Array.isArray(cells)) return `its "cells" is ${kindOf(cells)}, not a list`;
  for (const [index, cell] of (cells as unknown[]).entries()) {
    const problem = problemOfCell(cell);
    if (problem) return `cell ${index + 1} ${problem}`;
  }
  return foreignLanguage(metadata, path);
}

function problemOfCell(cell: unknown): string | null {
  if (!isObject(cell)) return `is ${kindOf(cell)}, not an object`;
  const { cell_type: type, metadata = {}, source = '', outputs = [] } = cell;
  if (type !== 'code' && type !== 'markdown' && type !== 'raw')
    return `has the cell_type ${JSON.stringify(type)?.slice(0, 100)}; it must be "code", "markdown" or "raw"`;
  if (!isObject(metadata)) return `has a "metadata" that is ${kindOf(metadata)}, not an object`;
  if (typeof source !== 'string' && !(Array.isArray(source) && source.every((line) => typeof line === 'string')))
    return 'has a "source" that is neither a string nor a list of strings';
  if (type !== 'code') return null;
  if (!Array.isArray(outputs)) return `has "outputs" that are ${kindOf(outputs)}, not a list`;
  return outputs.every(isObject) ? null : 'has something else than objects in its "outputs"';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return value === null ? 'null' : 'missing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
