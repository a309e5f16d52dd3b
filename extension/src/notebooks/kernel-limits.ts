/** Memory, cores and GPUs of a notebook's kernels: as chosen for the notebook, else as the settings say. */
import type { Kernel, Status } from '@bine/shared';
import * as vscode from 'vscode';
import { type Choice, cancelled, pickOrBack } from '../vs/ask.ts';
import { bytes } from '../vs/units.ts';

export type Limits = Pick<Kernel, 'memory' | 'cores' | 'gpus'>;

export type KernelLimits = {
  of(notebook: vscode.Uri): Limits;
  remember(notebook: vscode.Uri, limits: Limits): Promise<void>;
};

const kept = 'bine.notebooks.limits';
/** How many notebooks are remembered. */
const most = 300;

export function createKernelLimits(memory: vscode.Memento): KernelLimits {
  return {
    of(notebook) {
      const settings = vscode.workspace.getConfiguration('bine.kernels', notebook);
      const usual = {
        memory: Math.round(settings.get('memory', 2) * 1024),
        cores: settings.get('cores', 1),
        gpus: settings.get('gpus', 0),
      };
      return memory.get<Record<string, Limits>>(kept, {})[notebook.toString()] ?? usual;
    },
    async remember(notebook, limits) {
      const { [notebook.toString()]: _, ...others } = memory.get<Record<string, Limits>>(kept, {});
      const entries = Object.entries(others).slice(1 - most);
      await memory.update(kept, Object.fromEntries([...entries, [notebook.toString(), limits]]));
    },
  };
}

/** Twice the memory; null: the machine has no more. */
export function moreMemory(limits: Limits, machine: Status['capacity']): Limits | null {
  const memory = Math.min(limits.memory * 2, machine.memory);
  return memory > limits.memory ? { ...limits, memory } : null;
}

export const gibibytes = (mebibytes: number): string => bytes(mebibytes * 2 ** 20);

/** @throws Problem cancelled */
export async function askLimits(now: Limits, machine: Status['capacity']): Promise<Limits> {
  for (;;) {
    const memory = await pickOrBack(
      choices(
        [1, 2, 4, 8, 16, 32, 64, 128].map((each) => each * 1024),
        { now: now.memory, machine: machine.memory, label: gibibytes },
      ),
      { title: 'Memory of This Notebook', placeholder: 'A kernel that needs more than this ends', step: 1, totalSteps: 2 },
    );
    if (memory === null) throw cancelled();
    const cores = await pickOrBack(choices([0.5, 1, 2, 4, 8, 16, 32, 64], { now: now.cores, machine: machine.cores, label: coresLabel }), {
      title: 'Cores of This Notebook',
      placeholder: 'How many processor cores it may use',
      step: 2,
      totalSteps: 2,
    });
    if (cores !== null) return { ...now, memory, cores };
  }
}

const coresLabel = (cores: number) => `${cores} ${cores === 1 ? 'core' : 'cores'}`;

type Range = { now: number; machine: number; label: (value: number) => string };

/** What the machine has at most, and what is now first. */
function choices(usual: readonly number[], { now, machine, label }: Range): Choice<number>[] {
  const values = [...new Set([now, ...usual.filter((value) => value <= machine), machine])].sort((a, b) => a - b);
  const described = (value: number) =>
    [value === now && 'as now', value === machine && 'all that the machine has'].filter(Boolean).join(', ');
  return [now, ...values.filter((value) => value !== now)].map((value) => ({ label: label(value), description: described(value), value }));
}
