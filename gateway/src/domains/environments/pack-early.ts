/** The files of a small change, read for the kernels that will get them while the image is still being kept. */
import type { PackageChanges } from '@bine/shared';
import type { Builder } from '../../ports/builders.ts';
import type { RevisionRecord } from '../../ports/state/environments.ts';
import type { Clone, Parts } from './parts.ts';

type Packing = { clone: Clone; now: RevisionRecord; changes: PackageChanges; builder: Builder; signal: AbortSignal };

/** Of what is larger, reading early would save little and hold much memory. Bytes. */
const most = 16 * 2 ** 20;

/** @returns as `pack` of the builder */
export async function packEarly(
  { hooks, onError }: Pick<Parts, 'hooks' | 'onError'>,
  { clone, now, changes, builder, signal }: Packing,
): Promise<(names: string[]) => Promise<AsyncIterable<Uint8Array>>> {
  const users = (await Promise.all(hooks.users.map((ask) => ask(clone.projectId, clone.name)))).flat();
  const names = [...changes.added, ...changes.updated].map(({ name }) => name);
  const wanted = names.length > 0 && users.some(({ type, revision }) => type === 'kernel' && revision === now.number);
  // Who asks reads again what could not be read now, and hears why.
  const early = wanted ? builder.archive(names, most, signal).catch(onError) : null;
  return async (asked) => {
    const bytes = asked.join() === names.join() ? await early : null;
    return bytes ? once(bytes) : builder.pack(asked, signal);
  };
}

async function* once(bytes: Uint8Array[]): AsyncIterable<Uint8Array> {
  yield* bytes;
}
