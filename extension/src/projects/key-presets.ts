/** What a key may do, in a word. Derived from the table of scopes, so that a new scope is in it without a word here. */
import { scopes } from '@bine/shared';
import type { Scope } from '@bine/shared';

export type KeyPreset = 'work' | 'read';

/** What concerns the whole gateway, or other users, and not the work in a project. */
const administration = /^(keys|users|audit):/;

/** @param own of the key that makes it, which cannot give more */
export function scopesOf(preset: KeyPreset, own: readonly Scope[]): Scope[] {
  return scopes.filter((scope) => {
    // The editor asks who it is signed in as.
    const isMeant = scope === 'keys:read' || !administration.test(scope);
    return own.includes(scope) && isMeant && (preset === 'work' || scope.endsWith(':read'));
  });
}
