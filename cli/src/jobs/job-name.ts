/** What a job is called, and where it runs, when its program is all that the user named. */

type Named = { name: string; path: string };

/** The one of the job changed last. */
export function defaultEnvironment(jobs: readonly { environment: string; created: string }[]): string {
  return [...jobs].sort((a, b) => b.created.localeCompare(a.created))[0]?.environment ?? 'python-training';
}

/** Runs of the same file are executions of the same job; another file of the same name gets a number. */
export function jobNameFor(path: string, jobs: readonly Named[]): string {
  const known = jobs.find((job) => job.path === path);
  if (known) return known.name;
  const base = slug(path);
  const taken = new Set(jobs.map(({ name }) => name));
  for (let count = 1; ; count++) {
    const name = count === 1 ? base : `${base.slice(0, 58)}-${count}`;
    if (!taken.has(name)) return name;
  }
}

function slug(path: string): string {
  const words = path
    .replace(/\.(py|ipynb)$/i, '')
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-');
  // The end of a long path tells more than its beginning.
  return words.slice(-63).replace(/^[._-]+|[._-]+$/g, '') || 'job';
}
