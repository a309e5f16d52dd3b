/** The lock of a revision: every package with its version and hashes, as pip and uv read it back. */
import type { ImagePackage } from '../../adapters/store/environments.ts';

export function lockOf(packages: ImagePackage[]): string {
  return `${packages.map(entry).join('\n')}\n`;
}

function entry({ name, version, source, from, hashes }: ImagePackage): string {
  // A commit says what its content is.
  if (source === 'git') return `${name} @ ${from}`;
  const pin = [`${name}==${version}`, ...hashes.map((hash) => `    --hash=${hash}`)].join(' \\\n');
  if (source === 'wheel') return `# From ${from}, which no index has.\n${pin}`;
  return hashes.length > 0 ? pin : `# The index told no hash of it.\n${pin}`;
}
