/** How a kernel is told apart at a glance: label, the fact that matters now, and the whole in a table. */
import type { Kernel, KernelState } from '@bine/shared';
import { baseName, parentOf } from '../files/uri.ts';
import { bytes, duration } from '../vs/units.ts';

export type KernelLook = { label: string; description: string; icon: string; color: string | undefined };

type StateLook = { icon: string; color?: string; word: string };

export const stateLooks: Record<KernelState, StateLook> = {
  building: { icon: 'sync~spin', word: 'building its environment' },
  starting: { icon: 'sync~spin', word: 'starting' },
  idle: { icon: 'circle-outline', word: 'idle' },
  busy: { icon: 'sync~spin', color: 'notebookStatusRunningIcon.foreground', word: 'busy' },
  restarting: { icon: 'sync~spin', word: 'restarting' },
  dead: { icon: 'error', color: 'notebookStatusErrorIcon.foreground', word: 'died' },
  stopped: { icon: 'debug-stop', color: 'disabledForeground', word: 'shut down' },
};

export function kernelLook(kernel: Kernel, now: number): KernelLook {
  const { icon, color, word } = stateLooks[kernel.state];
  return { label: kernelLabel(kernel), description: description(kernel, word, now), icon, color };
}

export function kernelLabel({ notebook, environment }: Pick<Kernel, 'notebook' | 'environment'>): string {
  return notebook ? baseName(notebook) : environment;
}

function description(kernel: Kernel, word: string, now: number): string {
  if (kernel.state === 'dead') return [word, kernel.cause].filter(Boolean).join(': ');
  if (kernel.state === 'stopped') return `${word} ${duration(now - Date.parse(kernel.lastActivity))} ago`;
  const idle = kernel.state === 'idle' ? ` ${duration(now - Date.parse(kernel.lastActivity))}` : '';
  const memory = kernel.memoryUsed === null ? [] : [bytes(kernel.memoryUsed)];
  const cpu = kernel.state === 'idle' || kernel.cpuUsed === null ? [] : [`${percent(kernel.cpuUsed)} CPU`];
  return [`${word}${idle}`, ...memory, ...cpu].join(' · ');
}

/** Rows of the tooltip. */
export function kernelFacts(kernel: Kernel): [name: string, value: string][] {
  const memory = kernel.memoryUsed === null ? '' : `${bytes(kernel.memoryUsed)} of `;
  const cpu = kernel.cpuUsed === null ? '' : `${percent(kernel.cpuUsed)} of a core, `;
  return [
    ['State', `${stateLooks[kernel.state].word}${kernel.cause ? `: ${kernel.cause}` : ''}`],
    ...(kernel.notebook ? [['Notebook', kernel.notebook] as [string, string]] : []),
    ['Project', kernel.project],
    ['Environment', kernel.environment + (kernel.revision === null ? '' : `, revision ${kernel.revision}`)],
    ['Memory', `${memory}${bytes(kernel.memory * 2 ** 20)}`],
    ['CPU', `${cpu}limit ${kernel.cores} ${kernel.cores === 1 ? 'core' : 'cores'}`],
    ...(kernel.gpus > 0 ? [['GPUs', String(kernel.gpus)] as [string, string]] : []),
    ['Started by', kernel.user],
  ];
}

/** So long does the view tell of one that died, in milliseconds. */
const newsMs = 24 * 3_600_000;

/** It died, and its notebook has no other one since: whoever misses it has to see why. */
export function hasJustDied({ id, state, project, notebook, started, lastActivity }: Kernel, all: readonly Kernel[], now: number): boolean {
  const isNewer = (other: Kernel) => other.project === project && other.notebook === notebook && other.started > started;
  return state === 'dead' && now - Date.parse(lastActivity) < newsMs && !all.some((other) => other.id !== id && isNewer(other));
}

/** Where its notebook lies, for two of the same name. */
export function kernelFolder({ notebook }: Pick<Kernel, 'notebook'>): string {
  return notebook ? parentOf(notebook) : '';
}

function percent(cores: number): string {
  return `${Math.round(cores * 100)}%`;
}
