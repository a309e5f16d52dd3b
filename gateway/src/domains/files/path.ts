/** What a path may be. It is split here, once; nothing below sees a path as text, or decodes it again. */
import { Problem } from '@bine/shared/problems';

/** Bytes, as Linux's file systems have it. */
const longestName = 255;

type Rule = { broken: (name: string) => boolean; why: string };

const rules: Rule[] = [
  { broken: (name) => name === '', why: 'has an empty name; write one / between names, and none at the end' },
  { broken: (name) => name === '.', why: 'has the name ".", which means nothing here; leave it out' },
  { broken: (name) => name.includes('\0'), why: 'has a NUL character, which no file name can hold' },
  {
    broken: (name) => /\p{Cc}/u.test(name),
    why: 'has a line break or another control character, which is refused in names; rename it in a terminal',
  },
  { broken: (name) => !name.isWellFormed() || name.includes('\uFFFD'), why: 'is not valid UTF-8; send it as UTF-8, percent-encoded once' },
  { broken: (name) => name.includes('\\'), why: 'has a backslash; write / between names' },
  { broken: (name) => Buffer.byteLength(name) > longestName, why: `has a name of more than ${longestName} bytes; choose a shorter one` },
];

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
    const rule = rules.find(({ broken }) => broken(name));
    if (!rule) continue;
    throw new Problem('invalid', `The path ${JSON.stringify(path)} ${rule.why}.`, { fields: [{ field, problem: rule.why }] });
  }
  return names;
}

/**
 * Encoded twice on the way, or meant to fool somebody who decodes once more. A name like `https%3A%2F%2Fpypi` is what
 * caches call their files, and goes through.
 */
function isEncoded(name: string): boolean {
  if (!name.includes('%')) return false;
  let decoded = name;
  for (let before = ''; before !== decoded;) {
    before = decoded;
    decoded = decoded.replaceAll(/%(25|2e|2f|5c|00)/gi, (code) => decodeURIComponent(code));
  }
  return decoded !== name && (decoded.includes('\0') || decoded.startsWith('/') || decoded.split(/[/\\]/).includes('..'));
}

const refused = (path: string, why: string): Problem => new Problem('path-refused', `The path ${JSON.stringify(path)} is refused: ${why}.`);
