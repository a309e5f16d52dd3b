/** The packages of a revision as a text that compares well: one a line, by name. */
import type { Package } from '@bine/shared';

export function revisionText(packages: readonly Package[]): string {
  const lines = packages.map(({ name, version, from }) => `${name}==${version}${from ? ` @ ${from}` : ''}\n`);
  return lines.toSorted().join('');
}

export type Pair = { left: number; right: number };

/** The older one is on the left, so that what is green was added. */
export function inOrder(one: number, other: number): Pair {
  return { left: Math.min(one, other), right: Math.max(one, other) };
}
