/** Packages' builds with secrets, which are taken back however the builds end. */
import type { SecretUse } from '@bine/shared';
import type { Builder, BuilderPlace } from '../../ports/builders.ts';
import { secretGrants } from '../secrets/giving.ts';
import type { Parts } from './parts.ts';

/** `id`: of what they are given to. */
export type Using = {
  id: string;
  where: BuilderPlace & { project: string };
  user: string;
  secrets: readonly string[];
  signal: AbortSignal;
};

/** What builds are given are files: whoever reads one does so on purpose, and no program inherits it. */
export const usesOf = (names: readonly string[]): SecretUse[] => names.map((name) => ({ name, as: 'file' }));

export async function useWithSecrets<T>({ builders, secrets }: Parts, using: Using, work: (builder: Builder) => Promise<T>): Promise<T> {
  const { id, where, user, signal } = using;
  if (using.secrets.length === 0) return builders.use(where, signal, work);
  try {
    const wanted = { projectId: where.project, user, secrets: usesOf(using.secrets) };
    const { folder, values } = await secrets.give(id, wanted, builders.user);
    const { files, environment } = secretGrants(folder);
    const mounts = files.map(({ source, path, readOnly }) => ({ source, target: path, readOnly }));
    return await builders.useWith({ mounts, environment, values }, where, signal, work);
  } finally {
    await secrets.takeBack(id);
  }
}
