/** What a program of a user finds in its environment, whatever starts it. */

/** Libraries that would otherwise start a thread for each core of the machine, and then wait for each other. */
const threadSettings = ['OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS', 'NUMEXPR_MAX_THREADS', 'POLARS_MAX_THREADS'];

export function programEnvironment(cores: number): Record<string, string> {
  const threads = `${Math.max(1, Math.floor(cores))}`;
  return {
    ...Object.fromEntries(threadSettings.map((name) => [name, threads])),
    HOME: '/home/bine',
    USER: 'bine',
    LOGNAME: 'bine',
    SHELL: '/bin/bash',
  };
}
