/** From the packages of an earlier revision to those of a new one, in a container that runs. */
import type { ImagePackage } from '../../ports/packages.ts';
import type { EnvironmentRows } from '../../ports/state/environments.ts';
import { differences } from './differences.ts';
import type { Transition } from './parts.ts';

type To = {
  /** The new revision. */
  number: number;
  packages: ImagePackage[];
  pack: (names: string[]) => Promise<AsyncIterable<Uint8Array>>;
};

export function createTransition(
  rows: Pick<EnvironmentRows, 'revision' | 'packages'>,
  environmentId: string,
  { number, packages, pack }: To,
) {
  async function transition(from: readonly number[]): Promise<Transition | null> {
    const come = new Set<string>();
    const gone = new Set<string>();
    for (const one of from) {
      const revision = await rows.revision(environmentId, one);
      const before = revision && (await rows.packages(revision.image));
      if (!before) continue;
      const { added, removed, updated } = differences(before, packages);
      for (const { name } of [...added, ...updated]) come.add(name);
      for (const { name } of [...removed, ...updated]) gone.add(name);
    }
    if (come.size + gone.size === 0) return null;
    return { gone: [...gone], come: come.size > 0 ? () => pack([...come]) : null };
  }
  return { number, transition };
}
