/** What a path may be. It is split here, once; nothing below sees a path as text, or decodes it again. */
import { isEncoded, problemOfName } from '@bine/shared/path-names';
import { Problem } from '@bine/shared/problems';

/**
 * @param field the input's field, which an error names
 * @throws Problem path-refused for a path that would leave the project; invalid for one that no file can have
 */
export function parsePath(path: string, field = 'path'): string[] {
  if (path === '') return [];
  if (path.startsWith('/')) throw refused(path, 'it is absolute; write it from the project\'s folder, without the first "/"');
  const names = path.split('/');
  if (names.includes('..')) throw refused(path, 'it has the name "..", which could leave the project; write it from the project\'s folder');
  if (names.some(isEncoded) || isEncoded(path))
    throw refused(path, 'it is still percent-encoded and would leave the project; encode a path once');
  for (const name of names) {
    const why = problemOfName(name);
    if (why) throw new Problem('invalid', `The path ${JSON.stringify(path)} ${why}.`, { fields: [{ field, problem: why }] });
  }
  return names;
}

const refused = (path: string, why: string): Problem => new Problem('path-refused', `The path ${JSON.stringify(path)} is refused: ${why}.`);
