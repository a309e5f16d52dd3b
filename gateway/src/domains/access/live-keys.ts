/** The keys in use as they are at this moment: what a key was when its connection began decides nothing. */
import type { Principal } from './principal.ts';

export type LiveKeys = ReturnType<typeof createLiveKeys>;
export type KeyListener = (keyIds: ReadonlySet<string>) => void;

export function createLiveKeys() {
  const live = new Map<string, Principal>();
  const listeners = new Set<KeyListener>();
  let version = 0;

  const changed = (ids: Iterable<string>) => {
    version += 1;
    const all = new Set(ids);
    for (const listener of listeners) listener(all);
  };

  return {
    /** Grows with every change: who read the database before one reads it again. */
    version: (): number => version,
    add: (principal: Principal): void => void live.set(principal.keyId, principal),

    /** Null: the key was revoked or has expired. */
    current({ keyId }: Principal): Principal | null {
      const principal = live.get(keyId);
      if (!principal) return null;
      if (principal.expires === null || principal.expires > Date.now()) return principal;
      live.delete(keyId);
      return null;
    },

    end(ids: readonly string[]): void {
      for (const id of ids) live.delete(id);
      changed(ids);
    },

    /** Those that `change` gives another shape; null for the others. */
    update(change: (principal: Principal) => Principal | null): void {
      const ids: string[] = [];
      for (const [id, principal] of live) {
        const next = change(principal);
        if (!next) continue;
        live.set(id, next);
        ids.push(id);
      }
      changed(ids);
    },

    /** Called with the ids of keys that may do less from now on, or nothing. */
    onChanged(listener: KeyListener): Disposable {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
  };
}
