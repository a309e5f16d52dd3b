/** The folders above `path`, innermost first, up to one that is known; those above a known one have to be known too. */
export function foldersAbove(path: string, known: { has(folder: string): boolean }): string[] {
  const folders: string[] = [];
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
    const folder = path.slice(0, end);
    if (known.has(folder)) break;
    folders.push(folder);
  }
  return folders;
}
