/** Packages changed in a container that runs, by the engine and by their owner: the kernel in it may not write them, and needs no cache for it. */
import { readFileSync } from 'node:fs';
import type { Docker } from '../docker/docker.ts';
import { restrictTar } from '../docker/restricted-tar.ts';
import { builderUser } from './build-place.ts';
import { createInside } from './inside.ts';

export type InPlace = {
  /** Removes the files of these packages. @returns the top-level modules that they were */
  remove(container: string, names: string[], signal: AbortSignal): Promise<string[]>;
  /** @param archive of paths relative to `/`, as foreign code may have written it */
  add(container: string, archive: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void>;
};

/** @param script path of `packages.py` */
export function createInPlace(docker: Docker, script: string): InPlace {
  const inside = createInside(docker, {});
  // It is not mounted where kernels run.
  const program = ['-c', readFileSync(script, 'utf8')];
  return {
    async remove(container, names, signal) {
      return (await inside.run({ container, program, command: 'remove' }, { names }, { signal, onLine: () => undefined })).modules;
    },
    add: (container, archive, signal) =>
      docker.unpack(container, '/', restrictTar(archive, { owner: builderUser, under: 'opt/env/' }), signal),
  };
}
