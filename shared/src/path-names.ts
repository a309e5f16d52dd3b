/** What a path of a project may be; whoever sends files can ask before the gateway refuses them. */

/** Bytes, as Linux's file systems have it. */
const longestName = 255;
const longestPath = 4096;

const rules: { broken: (name: string) => boolean; why: string }[] = [
  { broken: (name) => name === '', why: 'has an empty name; write one / between names, and none at the end' },
  { broken: (name) => name === '.', why: 'has the name ".", which means nothing here; leave it out' },
  { broken: (name) => name.includes('\0'), why: 'has a NUL character, which no file name can hold' },
  {
    broken: (name) => /\p{Cc}/u.test(name),
    why: 'has a line break or another control character, which is refused in names; rename it in a terminal',
  },
  { broken: (name) => !name.isWellFormed() || name.includes('\uFFFD'), why: 'is not valid UTF-8; send it as UTF-8, percent-encoded once' },
  { broken: (name) => name.includes('\\'), why: 'has a backslash; write / between names' },
  {
    broken: (name) => new TextEncoder().encode(name).length > longestName,
    why: `has a name of more than ${longestName} bytes; choose a shorter one`,
  },
];

/** Of one name between slashes; completes "The path …". null: it is fine. */
export function problemOfName(name: string): string | null {
  return rules.find(({ broken }) => broken(name))?.why ?? null;
}

/** Of a path that was found in a folder, not typed. null: the gateway takes it. */
export function problemOfPath(path: string): string | null {
  if (new TextEncoder().encode(path).length > longestPath) return `has more than ${longestPath} bytes; move it further up`;
  const names = path.split('/');
  if (names.some(isEncoded) || isEncoded(path)) return 'is percent-encoded like a path that leaves the folder; rename it';
  return names.map(problemOfName).find((why) => why !== null) ?? null;
}

/**
 * Encoded twice on the way, or meant to fool somebody who decodes once more. A name like `https%3A%2F%2Fpypi` is what
 * caches call their files, and goes through.
 */
export function isEncoded(name: string): boolean {
  if (!name.includes('%')) return false;
  let decoded = name;
  for (let before = ''; before !== decoded;) {
    before = decoded;
    decoded = decoded.replaceAll(/%(25|2e|2f|5c|00)/gi, (code) => decodeURIComponent(code));
  }
  return decoded !== name && (decoded.includes('\0') || decoded.startsWith('/') || decoded.split(/[/\\]/).includes('..'));
}
