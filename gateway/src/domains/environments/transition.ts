/** From the packages of an earlier revision to those of a new one, in a container that runs. */
import type { EnvironmentRows, ImagePackage } from '../../adapters/store/environments.ts';
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
  async function transition(from: number): Promise<Transition | null> {
    const revision = await rows.revision(environmentId, from);
    const before = revision && (await rows.packages(revision.image));
    if (!before) return null;
    const { added, removed, updated } = differences(before, packages);
    const come = [...added, ...updated].map(({ name }) => name);
    const gone = [...removed, ...updated].map(({ name }) => name);
    if (come.length + gone.length === 0) return null;
    return { gone, come: come.length > 0 ? () => pack(come) : null };
  }
  return { number, transition };
}
