/**
 * The engine's images, read in one call for all who ask at about the same time. The engine takes a tenth of a second to describe one
 * image, and a list of environments in two hundred projects asks for hundreds.
 */
import { untilAborted } from '../../lib/until-aborted.ts';
import type { Image } from './operations/images.ts';

export type ImageCatalog = {
  /** null: there was no such image a moment ago. By name and tag, or by id. */
  find(this: void, reference: string, signal?: AbortSignal): Promise<Image | null>;
  /** Images were added, named or removed by us. */
  forget(this: void): void;
};

/** For what others do to the engine's images. */
const keptMilliseconds = 2000;
const deadlineMilliseconds = 60_000;

export function createImageCatalog(read: (signal: AbortSignal) => Promise<Image[]>): ImageCatalog {
  let known: { images: Promise<Map<string, Image>>; until: number } | null = null;

  async function index(): Promise<Map<string, Image>> {
    const all = await read(AbortSignal.timeout(deadlineMilliseconds));
    return new Map(all.flatMap((image) => [image.id, ...image.tags].map((name) => [name, image] as const)));
  }

  function current(): Promise<Map<string, Image>> {
    if (known && Date.now() < known.until) return known.images;
    const fresh = { images: index(), until: Infinity };
    known = fresh;
    fresh.images.then(
      () => (fresh.until = Date.now() + keptMilliseconds),
      () => (fresh.until = 0),
    );
    return fresh.images;
  }

  return {
    async find(reference, signal) {
      const images = current();
      return (await (signal ? untilAborted(images, signal) : images)).get(reference) ?? null;
    },
    forget: () => void (known = null),
  };
}
