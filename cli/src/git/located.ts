/** Which repository of a project is meant. */
import { Problem } from '@bine/shared/problems';
import type { Api } from '../client.ts';

type In = { project: string; repository?: string | undefined };

/** With the folder that was said, else that of the only repository there is. @throws Problem `not-found` or `invalid` */
export async function located<T extends In>(api: Api, input: T): Promise<T & { repository: string }> {
  if (input.repository !== undefined) return { ...input, repository: folder(input.repository) };
  const { project } = input;
  const all = await api.git.repositories({ project });
  if (all.length === 0)
    throw new Problem(
      'not-found',
      `There is no Git repository in ${project}. "git clone URL -p ${project}" brings one into it, "git init -p ${project}" begins one.`,
    );
  const [only] = all.length === 1 ? all : all.filter(({ path }) => path === '');
  if (only) return { ...input, repository: only.path };
  const names = all.map(({ path }) => path).join(', ');
  throw new Problem('invalid', `${project} has several Git repositories. Say which one with --repository: ${names}.`);
}

/** As people write folders: `.`, `lib/`, `./lib`. */
export function folder(path: string): string {
  return path.replace(/^\.(\/|$)/, '').replace(/\/+$/, '');
}
