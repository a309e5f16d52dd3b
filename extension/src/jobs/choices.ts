/** What was chosen for a file the last time, and what would be chosen without asking. */
import type { Compute, Job } from '@bine/shared';
import { defaultEnvironment, jobNameFor } from '@bine/cli/jobs/job-name';
import type * as vscode from 'vscode';

export type Choice = {
  environment: string;
  compute: Compute;
  arguments: string[];
  parameters: Job['parameters'];
  secrets: Job['secrets'];
};

export type Memory = {
  /** The project that a local folder's files run in. */
  projectOf(folder: vscode.Uri): string | undefined;
  rememberProject(folder: vscode.Uri, project: string): Promise<void>;
  choiceOf(file: vscode.Uri): Choice | undefined;
  rememberChoice(file: vscode.Uri, choice: Choice): Promise<void>;
  /** The folder that a snapshot was taken of. */
  originOf(snapshot: string): string | undefined;
  rememberOrigin(snapshot: string, folder: vscode.Uri): Promise<void>;
};

const most = 300;

/** Each kind under one key, the latest `most` of them. */
export function createMemory(state: vscode.Memento): Memory {
  const read = (key: string, id: string) => state.get<Record<string, unknown>>(`bine.jobs.${key}`, {})[id];
  async function write(key: string, id: string, value: unknown): Promise<void> {
    const { [id]: _, ...others } = state.get<Record<string, unknown>>(`bine.jobs.${key}`, {});
    const kept = Object.entries(others).slice(1 - most);
    await state.update(`bine.jobs.${key}`, Object.fromEntries([...kept, [id, value]]));
  }
  return {
    projectOf: (folder) => read('projects', folder.toString()) as string | undefined,
    rememberProject: (folder, project) => write('projects', folder.toString(), project),
    choiceOf(file) {
      const found = read('choices', file.toString()) as Choice | undefined;
      // An earlier version knew of none.
      return found && { ...found, secrets: found.secrets ?? [] };
    },
    rememberChoice: (file, choice) => write('choices', file.toString(), choice),
    originOf: (snapshot) => read('origins', snapshot) as string | undefined,
    rememberOrigin: (snapshot, folder) => write('origins', snapshot, folder.toString()),
  };
}

export const usualCompute: Compute = { cores: 1, memory: 2048, gpus: 0, timeout: null };

type Known = {
  path: string;
  jobs: readonly Job[];
  remembered: Choice | undefined;
  /** The environment that the notebook itself names. */
  named: string | undefined;
};

/** The last time on this machine, else what its job has, else what the notebook says, else as the latest job. */
export function defaultChoice({ path, jobs, remembered, named }: Known): Choice {
  const job = jobs.find((each) => each.path === path);
  if (remembered) return remembered;
  if (job) return choiceIn(job);
  return { environment: named ?? defaultEnvironment(jobs), compute: usualCompute, arguments: [], parameters: {}, secrets: [] };
}

export function choiceIn({ environment, compute, arguments: words, parameters, secrets }: Job): Choice {
  return { environment, compute, arguments: words, parameters, secrets };
}

/** What to tell the gateway; null: its job is like that already. */
export function jobFor(path: string, choice: Choice, jobs: readonly Job[]): { name: string; change: Choice | null } {
  const name = jobNameFor(path, jobs);
  const job = jobs.find((each) => each.name === name);
  const has = job && choiceIn(job);
  const ordered = ({ environment, compute: { cores, memory, gpus, timeout }, arguments: words, parameters, secrets }: Choice) =>
    JSON.stringify([
      environment,
      cores,
      memory,
      gpus,
      timeout,
      words,
      secrets,
      Object.entries(parameters).sort(([a], [b]) => a.localeCompare(b)),
    ]);
  return { name, change: has && ordered(has) === ordered(choice) ? null : choice };
}
