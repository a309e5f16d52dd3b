/**
 * The engine's images, read in one call for all who ask at about the same time: a list of environments in two hundred projects asks for
 * hundreds at once, which an engine answers one after the other. Who wants one image asks the engine for it (`images.inspect`).
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { untilAborted } from '../../lib/until-aborted.ts';
import type { Image } from '../../ports/images.ts';

export type ImageCatalog = {
  /** null: there was no such image a moment ago. By name and tag, or by id. */
  find(this: void, reference: string, signal?: AbortSignal): Promise<Image | null>;
  /** Images were added, named or removed by us. */
  forget(this: void): void;
};

/** So long an image that others removed may still be found. What they add is found at once. */
const keptMilliseconds = 2000;
const deadlineMilliseconds = 60_000;

type Reading = { images: Promise<Map<string, Image>>; begun: number; until: number };

export function createImageCatalog(read: (signal: AbortSignal) => Promise<Image[]>): ImageCatalog {
  let known: Reading | null = null;
  /** Counts questions and readings, which tells which of two came first. */
  let moment = 0;

  async function index(reading: { begun: number }): Promise<Map<string, Image>> {
    // Whoever asks in the same moment is answered by this reading.
    await nextTurn();
    reading.begun = ++moment;
    const all = await read(AbortSignal.timeout(deadlineMilliseconds));
    return new Map(all.flatMap((image) => [image.id, ...image.tags].map((name) => [name, image] as const)));
  }

  function begin(): Reading {
    const times = { begun: Infinity, until: Infinity };
    const reading = Object.assign(times, { images: index(times) });
    reading.images.then(
      () => (reading.until = Date.now() + keptMilliseconds),
      () => (reading.until = 0),
    );
    return (known = reading);
  }

  return {
    async find(reference, signal) {
      const asked = ++moment;
      const lookUp = async ({ images }: Reading) => (await (signal ? untilAborted(images, signal) : images)).get(reference) ?? null;
      const reading = known && Date.now() < known.until ? known : begin();
      const image = await lookUp(reading);
      if (image || reading.begun > asked) return image;
      // It may have been added since, by others.
      return lookUp(known && known.begun > asked ? known : begin());
    },
    forget: () => void (known = null),
  };
}
