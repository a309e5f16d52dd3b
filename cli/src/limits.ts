/** How limits, and what is used of them, are shown. */
import { limitNames } from '@bine/shared';
import type { Capacity, LimitName, ProjectLimits } from '@bine/shared';
import type { Context } from './verb.ts';

const words: Record<LimitName, string> = {
  cores: 'cores',
  memory: 'memory',
  gpus: 'GPUs',
  running: 'running executions',
  queued: 'queued executions',
  kernels: 'kernels',
  disk: 'disk',
};

const inMebibytes = new Set<LimitName>(['memory', 'disk']);

function figure(name: LimitName, value: number | null): string {
  if (value === null) return '–';
  if (!inMebibytes.has(name)) return String(Math.round(value * 10) / 10);
  return value < 1024 ? `${value} MiB` : `${Number((value / 1024).toFixed(1))} GiB`;
}

export function showLimits({ project, limits, set, use }: ProjectLimits, { terminal }: Context): void {
  terminal.print(`${terminal.style('bold', project)}  weight ${limits.weight}${set.includes('weight') ? '' : ' (default)'}`);
  const row = (name: LimitName) => [
    words[name],
    name === 'disk' && use.disk === null ? 'not measured yet' : figure(name, use[name]),
    limits[name] === null ? 'no limit' : figure(name, limits[name]),
    set.includes(name) ? 'set' : 'default',
  ];
  terminal.printTable(['what', 'used', 'limit', ''], limitNames.map(row), '');
}

/** Lines of `bine status`: what is taken of the machine, and where somebody waits or is at a limit. */
export function capacityLines({ machine, jobs, kernels, free, queued, projects }: Capacity): [name: string, value: string][] {
  const gib = (mebibytes: number) => `${Number((mebibytes / 1024).toFixed(1))} GiB`;
  const gpus = machine.gpus > 0 ? `, ${jobs.gpus + kernels.gpus} of ${machine.gpus} GPUs` : '';
  const waits = projects.flatMap(({ project, users }) =>
    users.flatMap(({ user, running, queued: waiting }) => (waiting > 0 ? [`${user} in ${project} ${waiting} (${running} running)`] : [])),
  );
  const others = queued - projects.reduce((count, { use }) => count + use.queued, 0);
  const reached = projects.flatMap(({ project, reached: names, limits }) =>
    names.map((name) => `${project}: ${figure(name as LimitName, limits[name as LimitName])} ${words[name as LimitName]}`),
  );
  return [
    [
      'Jobs',
      `${jobs.running} running with ${jobs.cores} cores, ${gib(jobs.memory)}; ${Number(free.cores.toFixed(1))} cores, ${gib(free.memory)} are free`,
    ],
    ['Kernels', `${kernels.count} with ${gib(kernels.committed)} set aside (limits of ${gib(kernels.memory)})${gpus}`],
    ['Queue', queued === 0 ? 'empty' : [...waits, ...(others > 0 ? [`${others} of other projects`] : [])].join(', ')],
    ...(reached.length > 0 ? [['Limits', `reached by ${reached.join('; ')}`] as [string, string]] : []),
  ];
}
