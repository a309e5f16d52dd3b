/** Colours and other attributes of text, as the control sequence SGR sets them (ECMA-48, 8.3.117). */

/** Attribute → the parameters that set it. */
export type Pen = ReadonlyMap<string, string>;

export const plainPen: Pen = new Map();

const attributes = ['bold', 'dim', 'italic', 'underline', 'blink', 'inverse', 'hidden', 'strike', 'font', 'fg', 'bg', 'overline', 'ul'];

/** First and last parameter that set the attribute, and the one that takes it away. */
const ranges: [first: number, last: number, attribute: string, reset: number][] = [
  [1, 1, 'bold', 22],
  [2, 2, 'dim', 22],
  [3, 3, 'italic', 23],
  [4, 4, 'underline', 24],
  [21, 21, 'underline', 24],
  [5, 6, 'blink', 25],
  [7, 7, 'inverse', 27],
  [8, 8, 'hidden', 28],
  [9, 9, 'strike', 29],
  [11, 19, 'font', 10],
  [30, 38, 'fg', 39],
  [90, 97, 'fg', 39],
  [40, 48, 'bg', 49],
  [100, 107, 'bg', 49],
  [53, 53, 'overline', 55],
  [58, 58, 'ul', 59],
];

export function changePen(pen: Pen, parameters: string): Pen {
  const changed = new Map(pen);
  const words = parameters.split(';');
  for (let at = 0; at < words.length; at++) {
    let word = words[at]!;
    const code = Number(word.split(':')[0]);
    if (code === 0) changed.clear();
    for (const [, , attribute, reset] of ranges) if (code === reset) changed.delete(attribute);
    const range = ranges.find(([first, last]) => code >= first && code <= last);
    if (!range) continue;
    if (word === '38' || word === '48' || word === '58') {
      // A colour of the palette, `5;N`, or one of its own, `2;R;G;B`.
      const more = words.slice(at + 1, at + (words[at + 1] === '2' ? 5 : 3));
      at += more.length;
      word = [word, ...more].join(';');
    }
    if (word === '4:0') changed.delete('underline');
    else changed.set(range[2], word);
  }
  return changed;
}

/** The sequence that makes the one of the other. */
export function changeBetween(from: Pen, to: Pen): string {
  if (from === to) return '';
  if (to.size === 0) return from.size === 0 ? '' : '\u001b[0m';
  const isKept = [...from.keys()].every((attribute) => to.has(attribute));
  const words = attributes.flatMap((attribute) => {
    const word = to.get(attribute);
    return word === undefined || (isKept && word === from.get(attribute)) ? [] : [word];
  });
  if (!isKept) words.unshift('0');
  return words.length === 0 ? '' : `\u001b[${words.join(';')}m`;
}
