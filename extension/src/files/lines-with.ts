/** The lines of a file that have a text in them. */

/** `line`, `from` and `to` count from zero; `text` is the line without what is around it, shortened. */
export type FoundLine = { line: number; from: number; to: number; text: string };

/** Characters of a line that are shown. */
const width = 160;
/** Characters that are shown in front of what was found in a long line. */
const lead = 40;

/** Upper and lower case are alike. None for what is no text. */
export function linesWith(wanted: string, content: Uint8Array): FoundLine[] {
  if (content.includes(0)) return [];
  const needle = wanted.toLowerCase();
  const lines = new TextDecoder().decode(content).split(/\r?\n/);
  return lines.flatMap((text, line) => {
    const from = text.toLowerCase().indexOf(needle);
    return from < 0 ? [] : [{ line, from, to: from + wanted.length, text: shortened(text, from) }];
  });
}

function shortened(text: string, from: number): string {
  const start = from + lead < width ? 0 : from - lead;
  const part = text.slice(start, start + width).trim();
  return `${start > 0 ? '…' : ''}${part}${start + width < text.length ? '…' : ''}`;
}
