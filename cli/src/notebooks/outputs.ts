/** From a kernel's messages to a cell's outputs, and from outputs to what a terminal shows. */
import { stripVTControlCharacters } from 'node:util';
import type { KernelMessage } from '@bine/shared/kernel-wire';
import { formatBytes, type Terminal } from '../terminal.ts';
import { linesOf, textOf, type Bundle, type CodeCell, type Output } from './notebook.ts';

type Content = { name?: string; text?: string; data?: Bundle; metadata?: object; transient?: { display_id?: string } } & Record<
  string,
  unknown
>;

/** Collects the outputs of cells as Jupyter's clients do. `displays` is for all cells of a run: any cell may update any display. */
export function createCollector() {
  const displays = new Map<string, Output[]>();
  const clearing = new WeakSet<CodeCell>();

  function add(cell: CodeCell, output: Output, displayId?: string): void {
    if (clearing.delete(cell)) cell.outputs = [];
    cell.outputs.push(output);
    if (displayId) displays.set(displayId, [...(displays.get(displayId) ?? []), output]);
  }

  function addStream(cell: CodeCell, name: string, text: string): void {
    if (clearing.delete(cell)) cell.outputs = [];
    const last = cell.outputs.at(-1);
    if (last?.output_type === 'stream' && last.name === name) last.text = linesOf(textOf(last.text) + text);
    else cell.outputs.push({ output_type: 'stream', name, text: linesOf(text) });
  }

  function update(displayId: string | undefined, data: Bundle, metadata: object): void {
    for (const output of displays.get(displayId ?? '') ?? []) if ('data' in output) Object.assign(output, { data, metadata });
  }

  return (cell: CodeCell, { header, content }: KernelMessage): void => {
    const { name = '', text = '', data = {}, metadata = {}, transient } = content as Content;
    const bundle = { data: storable(data), metadata };
    switch (header.msg_type) {
      case 'stream':
        return addStream(cell, name, text);
      case 'display_data':
        return add(cell, { output_type: 'display_data', ...bundle }, transient?.display_id);
      case 'execute_result':
        return add(
          cell,
          { output_type: 'execute_result', ...bundle, execution_count: content.execution_count as number },
          transient?.display_id,
        );
      case 'update_display_data':
        return update(transient?.display_id, bundle.data, metadata);
      case 'error':
        return add(cell, {
          output_type: 'error',
          ename: String(content.ename),
          evalue: String(content.evalue),
          traceback: content.traceback as string[],
        });
      case 'clear_output':
        if (content.wait) clearing.add(cell);
        else cell.outputs = [];
    }
  };
}

/** Texts as lists of lines; pictures and JSON as they are. */
function storable(data: Bundle): Bundle {
  return Object.fromEntries(
    Object.entries(data).map(([type, value]) => [type, typeof value === 'string' && /^text\/|svg/.test(type) ? linesOf(value) : value]),
  );
}

/** A cell's outputs for a terminal: texts as they are, of everything else what it is. */
export function showOutputs({ outputs }: CodeCell, terminal: Terminal): void {
  for (const output of outputs) {
    const text = describeOutput(output);
    const shown = terminal.live ? text : stripVTControlCharacters(text);
    if (shown.trim()) terminal.print(shown.trimEnd().replaceAll(/^/gm, '  '));
  }
}

function describeOutput(output: Output): string {
  if (output.output_type === 'stream') return textOf(output.text);
  if (output.output_type === 'error') return output.traceback.join('\n') || `${output.ename}: ${output.evalue}`;
  const picture = Object.entries(output.data).find(([type]) => type.startsWith('image/'));
  if (picture) {
    const [type, data] = picture;
    const bytes = type.includes('svg') ? textOf(data as string[]).length : Math.floor((String(data).length * 3) / 4);
    return `(${type.slice('image/'.length).replace('+xml', '')} picture, ${formatBytes(bytes)})`;
  }
  const text = output.data['text/plain'];
  return text === undefined ? `(${Object.keys(output.data).join(', ')})` : textOf(text as string[]);
}
