/** What a terminal shows of a cell's outputs. */
import { stripVTControlCharacters } from 'node:util';
import type { NotebookOutput } from '@bine/client/notebooks/nbformat';
import { formatBytes, type Terminal } from '../terminal.ts';
import { textOf, type CodeCell } from './notebook.ts';

/** Texts as they are, of everything else what it is. */
export function showOutputs({ outputs }: CodeCell, terminal: Terminal): void {
  for (const output of outputs) {
    const text = describeOutput(output);
    // A colour that an output leaves on would go on in what we print.
    const coloured = text.includes('\u001b') ? `${text.trimEnd()}\u001b[0m` : text;
    const shown = terminal.live ? coloured : stripVTControlCharacters(text);
    if (stripVTControlCharacters(shown).trim()) terminal.print(shown.trimEnd().replaceAll(/^/gm, '  '));
  }
}

function describeOutput(output: NotebookOutput): string {
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
