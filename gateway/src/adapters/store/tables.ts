import type { Generated } from 'kysely';

/** The shape of every table, as the migrations leave it. Times are ISO 8601 text in UTC, flags are 0 or 1. */
export type Tables = {
  settings: { name: string; value: string };
  users: { name: string; admin: number; created: string; disabled: Generated<number> };
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
    /** The key that it was made with. */
    parent: string | null;
  };
  projects: {
    id: string;
    name: string;
    description: string;
    idle_minutes: number;
    created: string;
    /** When it was put into the bin. */
    deleted: string | null;
    /** 1: it is being deleted for good. */
    erasing: Generated<number>;
    uid: number | null;
  };
  members: { project_id: string; user: string; role: string };
  kernels: {
    id: string;
    project_id: string;
    environment: string;
    revision: number | null;
    /** JSON array. */
    parts: string;
    notebook: string | null;
    user: string;
    memory: number;
    cores: number;
    gpus: number;
    /** JSON array. */
    secrets: string;
    private: number;
    state: string;
    cause: string | null;
    started: string;
    last_activity: string;
    epoch: number;
    head: number;
  };
  jobs: {
    project_id: string;
    name: string;
    /** JSON. */
    program: string;
    keep: number;
    created: string;
    user: string;
    last_number: number;
  };
  executions: {
    seq: Generated<number>;
    id: string;
    project_id: string;
    job: string;
    number: number;
    state: string;
    cause: string | null;
    exit_code: number | null;
    user: string;
    trigger: string;
    schedule: string | null;
    submitted: string;
    started: string | null;
    ended: string | null;
    /** JSON. */
    cells: string | null;
    /** JSON. */
    inputs: string;
    idempotency_key: string | null;
    tick: string | null;
    /** JSON. */
    warnings: Generated<string>;
    /** Why it is to end, once it is. */
    stopping: string | null;
  };
  schedules: {
    id: string;
    project_id: string;
    job: string;
    cron: string;
    timezone: string;
    paused: number;
    /** Why, when the gateway paused it. */
    pause_reason: string | null;
    missed: string;
    snapshot: string | null;
    user: string;
    created: string;
    /** Up to when its ticks were looked at. */
    seen: string;
    /** Ticks that were left out, and why the last one was. */
    skipped: number;
    skip_cause: string | null;
  };
  /** JSON object: what an administrator set for the project. */
  limits: { project_id: string; limits: string };
  /** How much of the queue each had. `user` '': the project as a whole. */
  shares: { project_id: string; user: string; used: number };
  environments: {
    id: string;
    project_id: string;
    name: string;
    /** What it was cloned from. */
    source: string;
    purpose: string;
    description: string;
    /** The newest one. */
    revision: number;
  };
  revisions: {
    environment_id: string;
    number: number;
    time: string;
    user: string;
    action: string;
    summary: string;
    /** JSON object. */
    changes: string;
    /** JSON array of the names of packages that were asked for. */
    direct: string;
    image: string;
    rollback_to: number | null;
    change_id: string | null;
  };
  changes: {
    id: string;
    environment_id: string;
    action: string;
    /** JSON arrays. */
    install: string;
    uninstall: string;
    secrets: string;
    rollback_to: number | null;
    state: string;
    problem: string | null;
    user: string;
    submitted: string;
    ended: string | null;
    revision: number | null;
    idempotency_key: string | null;
  };
  /** What is in an image never changes. */
  image_packages: {
    image: string;
    /** JSON array. */
    packages: string;
  };
  git_credentials: {
    user: string;
    host: string;
    username: string;
    /** Sealed by the vault for the user and the host. */
    secret: string;
    added: string;
  };
  git_identities: { user: string; name: string; email: string };
  secrets: {
    /** One of these two is null. */
    project_id: string | null;
    user: string | null;
    name: string;
    /** By the vault, for the owner and the name. */
    sealed: string;
    set_by: string;
    set: string;
  };
  events: {
    id: number;
    time: string;
    project_id: string | null;
    project: string | null;
    type: string;
    /** JSON. */
    data: string;
    /** Digest of what events of that type looked like when it was written; empty: not known. */
    shape: Generated<string>;
  };
};
