/** The shape of every table, as the migrations leave it. Times are ISO 8601 text in UTC, flags are 0 or 1. */
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
  kernels: {
    id: string;
    project_id: string;
    environment: string;
    notebook: string | null;
    user: string;
    memory: number;
    cores: number;
    gpus: number;
    state: string;
    cause: string | null;
    started: string;
    last_activity: string;
    epoch: number;
    head: number;
  };
  events: {
    id: number;
    time: string;
    project_id: string | null;
    project: string | null;
    type: string;
    /** JSON. */
    data: string;
  };
};
