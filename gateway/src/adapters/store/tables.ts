/** The shape of every table, as the migrations leave it. Times are ISO 8601 text in UTC, flags are 0 or 1. */
import type { Generated } from 'kysely';

export type Tables = {
  settings: { name: string; value: string };
  users: { name: string; admin: number; created: string };
  keys: {
    id: string;
    user: string;
    name: string;
    /** SHA-256 of the secret, hexadecimal. */
    hash: string;
    /** JSON array. */
    scopes: string;
    created: string;
    expires: string | null;
    last_used: string | null;
  };
  projects: {
    id: string;
    name: string;
    description: string;
    idle_minutes: number;
    created: string;
    /** When it was put into the bin. */
    deleted: string | null;
  };
  members: { project_id: string; user: string; role: string };
  events: {
    id: Generated<number>;
    time: string;
    project_id: string | null;
    project: string | null;
    type: string;
    /** JSON. */
    data: string;
  };
};
