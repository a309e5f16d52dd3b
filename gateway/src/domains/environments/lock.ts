/** The lock of a revision: every package with its version and hashes, as pip and uv read it back. */
import type { ImagePackage } from '../../ports/packages.ts';

export function lockOf(packages: ImagePackage[]): string {
  return `${packages.map(entry).join('\n')}\n`;
}

function entry({ name, version, source, from, hashes }: ImagePackage): string {
  const hashed = (requirement: string) => [requirement, ...hashes.map((hash) => `    --hash=${hash}`)].join(' \\\n');
  // A commit says what its content is.
  if (source === 'git') return `# From Git, which pip installs without --require-hashes only.\n${name} @ ${from}`;
  const isUrl = from !== null && /^https?:/.test(from);
  const pin = hashed(isUrl ? `${name} @ ${from}` : `${name}==${version}`);
  if (source === 'wheel' && !isUrl) return `# From ${from}, which no index has: give pip its folder with --find-links.\n${pin}`;
  if (hashes.length > 0) return pin;
  return `# ${isUrl ? 'Its server' : 'The index'} told no hash of it, so pip installs it without --require-hashes only.\n${pin}`;
}
