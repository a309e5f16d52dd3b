import type { Scope } from '@bine/shared';

/** Who calls, and with which key. */
export type Principal = {
  user: string;
  /** Administrators act as owner in every project. */
  admin: boolean;
  keyId: string;
  keyName: string;
  scopes: readonly Scope[];
  /** When the key stops being valid, in milliseconds since 1970; null: never. */
  expires: number | null;
};

/** Who calls a procedure that is open to anybody. */
export const nobody: Principal = { user: '', admin: false, keyId: '', keyName: '', scopes: [], expires: null };
