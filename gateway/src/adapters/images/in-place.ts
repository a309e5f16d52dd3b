/** Packages changed in a container that runs, by the engine and by their owner: the kernel in it may not write them, and needs no cache for it. */
import { readFileSync } from 'node:fs';
import type { Docker } from '../docker/docker.ts';
import { restrictTar } from '../docker/restricted-tar.ts';
import { builderUser } from './build-place.ts';
import { createInside } from './inside.ts';
import type { InPlacePackages } from '../../ports/builders.ts';

/** @param script path of `packages.py` */
export function createInPlace(docker: Docker, script: string): InPlacePackages {
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
