/** What commands of Git have in common: how they are given paths, and how their answers are read. */
export const nothing = (): void => undefined;

/** Paths by standard input: no name is an option, a pattern, or too much for a command line. */
export const fromInput = ['--pathspec-from-file=-', '--pathspec-file-nul'];
/** @param paths in the repository; '' is all of it */
export const pathInput = (paths: readonly string[]): string => paths.map((path) => path || '.').join('\0');

/** Of text that ends each field with a NUL, the records of `width` fields. What was cut off in the middle is dropped. */
export function records(text: string, width: number): string[][] {
  const fields = text.split('\0');
  fields.pop();
  const found: string[][] = [];
  for (let at = 0; at + width <= fields.length; at += width) {
    // Git ends a record with a line break of its own.
    found.push(fields.slice(at, at + width).map((field, index) => (index === 0 ? field.replace(/^\n/, '') : field)));
  }
  return found;
}
