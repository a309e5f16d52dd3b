import type { SecretOwner } from '../../ports/state/secrets.ts';

/** What a secret is sealed for: whoever puts its row in the place of another one's gets nothing out of it. */
export function sealOwner({ projectId, user }: SecretOwner, name: string): string[] {
  return ['secret', projectId === null ? 'user' : 'project', projectId ?? user, name];
}
