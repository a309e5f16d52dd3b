/** Where a line of a log points to: files as a program sees them, and the same files as the editor opens them. */

/** `path` is relative to the project's folder or to that of the snapshot. */
export type Mention = { start: number; length: number; inside: 'project' | 'snapshot'; path: string; line: number; column: number };

/** Python's own traceback, IPython's, and what linters and test runners print. */
const patterns = [
  /File "(?<file>\/(?:project|snapshot)\/[^"]+)", line (?<line>\d+)/g,
  /(?<file>\/(?:project|snapshot)\/[^\s:"'()<>|]+)(?::(?<line>\d+)(?::(?<column>\d+))?)?/g,
];

export function findMentions(text: string): Mention[] {
  const found: Mention[] = [];
  for (const pattern of patterns) {
    for (const match of text.matchAll(pattern)) {
      const { file = '', line = '1', column = '1' } = match.groups ?? {};
      const [, inside = '', ...names] = file.split('/');
      const mention = {
        start: match.index,
        length: match[0].length,
        inside: inside as Mention['inside'],
        path: names.join('/'),
        line: Number(line),
        column: Number(column),
      };
      if (found.every((other) => mention.start >= other.start + other.length || mention.start + mention.length <= other.start)) {
        found.push(mention);
      }
    }
  }
  return found;
}
