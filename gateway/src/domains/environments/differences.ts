/** What differs between one set of packages and the next, in lists and in one line. */
import type { PackageChanges } from '@bine/shared';
import type { ImagePackage } from '../../ports/packages.ts';

export function differences(before: ImagePackage[], after: ImagePackage[]): PackageChanges {
  const was = new Map(before.map((one) => [one.name, one]));
  const is = new Map(after.map((one) => [one.name, one]));
  return {
    added: after.filter(({ name }) => !was.has(name)).map(nameAndVersion),
    removed: before.filter(({ name }) => !is.has(name)).map(nameAndVersion),
    updated: after
      .filter((one) => was.has(one.name) && !same(was.get(one.name)!, one))
      .map(({ name, version }) => ({ name, from: was.get(name)!.version, to: version })),
  };
}

/** The same version may come from another commit, or be another wheel. */
function same(one: ImagePackage, other: ImagePackage): boolean {
  const built = one.source === 'wheel' && one.hashes.join() !== other.hashes.join();
  return one.version === other.version && one.source === other.source && one.from === other.from && !built;
}

function nameAndVersion({ name, version }: ImagePackage): { name: string; version: string } {
  return { name, version };
}

export function isNothing({ added, removed, updated }: PackageChanges): boolean {
  return added.length + removed.length + updated.length === 0;
}

const mostNamed = 5;

/** Such as `+ seaborn 0.13.2, numpy 2.4.6 → 2.5.0, - six`. */
export function summaryOf({ added, removed, updated }: PackageChanges): string {
  const parts = [
    ...added.map(({ name, version }) => `+ ${name} ${version}`),
    ...updated.map(({ name, from, to }) => (from === to ? `${name} ${to} (reinstalled)` : `${name} ${from} → ${to}`)),
    ...removed.map(({ name }) => `- ${name}`),
  ];
  const more = parts.length - mostNamed;
  return more > 0 ? `${parts.slice(0, mostNamed).join(', ')} and ${more} more` : parts.join(', ');
}

/** From uv's own words, such as ` + six==1.17.0`. */
export function readPlan(lines: string[]): PackageChanges {
  const added = new Map<string, string>();
  const removed = new Map<string, string>();
  const again: string[] = [];
  for (const line of lines) {
    const [, sign, name, version] = /^ ([+~-]) ([\w.-]+)==(\S+)/.exec(line) ?? [];
    if (name === undefined || version === undefined) continue;
    if (sign === '~') again.push(name);
    (sign === '-' ? removed : added).set(name, version);
  }
  return {
    added: [...added].filter(([name]) => !removed.has(name) && !again.includes(name)).map(([name, version]) => ({ name, version })),
    removed: [...removed].filter(([name]) => !added.has(name)).map(([name, version]) => ({ name, version })),
    updated: [...added]
      .filter(([name]) => removed.has(name) || again.includes(name))
      .map(([name, to]) => ({ name, from: removed.get(name) ?? to, to })),
  };
}
