/** Applied in the order of their names, each once. Never change one that was released: add another. */
import type { Migration } from 'kysely/migration';
import { up as core } from './0001-core.ts';
import { up as kernels } from './0002-kernels.ts';

export const migrations: Record<string, Migration> = {
  '0001-core': { up: core },
  '0002-kernels': { up: kernels },
};
