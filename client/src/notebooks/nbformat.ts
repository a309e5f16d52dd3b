/** Outputs as they stand in a notebook's file (nbformat 4). */
import { isJsonType } from './content.ts';
import { type Bundle, type Output, streamText } from './outputs.ts';

export type NotebookOutput =
  | { output_type: 'stream'; name: string; text: string[] }
  | { output_type: 'display_data'; metadata: object; data: Bundle }
  | { output_type: 'execute_result'; execution_count: number | null; metadata: object; data: Bundle }
  | { output_type: 'error'; ename: string; evalue: string; traceback: string[] };

export function notebookOutputs(outputs: readonly Output[]): NotebookOutput[] {
  return outputs.flatMap((output): NotebookOutput[] => {
    if (output.kind === 'error') {
      return [{ output_type: 'error', ename: output.name, evalue: output.value, traceback: output.traceback }];
    }
    if (output.kind === 'stream') {
      const text = streamText(output);
      return text === '' ? [] : [{ output_type: 'stream', name: output.name, text: linesOf(text) }];
    }
    const { type, count, metadata, data } = output;
    const stored = { metadata, data: storable(data) };
    return [type === 'execute_result' ? { output_type: type, execution_count: count, ...stored } : { output_type: type, ...stored }];
  });
}

export function linesOf(text: string): string[] {
  return text === '' ? [] : text.split(/(?<=\n)/);
}

/** Texts as lists of lines; base64 and JSON as they are. */
function storable(data: Bundle): Bundle {
  return Object.fromEntries(
    Object.entries(data).map(([mime, value]) => {
      const isText = typeof value === 'string' && !isJsonType(mime) && (!/^(?:image|audio|video)\//.test(mime) || mime.includes('svg'));
      return [mime, isText ? linesOf(value) : value];
    }),
  );
}
