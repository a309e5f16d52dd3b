/** How jobs, executions and schedules are told apart at a glance: label, the fact that matters now, and the whole in a table. */
import type { JobExecution, JobExecutionState, Schedule } from '@bine/shared';
import { formatParameter } from '@bine/cli/jobs/assignments';
import { duration, elapsed } from '../vs/units.ts';
import { cronWords } from './cron-words.ts';

/** `told`: for whoever does not see the icon. */
export type Look = { label: string; description: string; told: string; icon: string; color: string | undefined };

type StateLook = { icon: string; color?: string; word: string };

export const stateLooks: Record<JobExecutionState, StateLook> = {
  queued: { icon: 'clock', word: 'queued' },
  starting: { icon: 'sync~spin', word: 'starting' },
  running: { icon: 'sync~spin', color: 'notebookStatusRunningIcon.foreground', word: 'running' },
  succeeded: { icon: 'pass', color: 'notebookStatusSuccessIcon.foreground', word: 'succeeded' },
  failed: { icon: 'error', color: 'notebookStatusErrorIcon.foreground', word: 'failed' },
  stopped: { icon: 'debug-stop', color: 'disabledForeground', word: 'stopped' },
  'timed-out': { icon: 'watch', color: 'notebookStatusErrorIcon.foreground', word: 'timed out' },
};

export function isOver({ state }: Pick<JobExecution, 'state'>): boolean {
  return state !== 'queued' && state !== 'starting' && state !== 'running';
}

export function isFailure({ state }: Pick<JobExecution, 'state'>): boolean {
  return state === 'failed' || state === 'timed-out';
}

export function executionLook(execution: JobExecution, now: number): Look {
  const { icon, color } = stateLooks[execution.state];
  return { label: `#${execution.number}`, description: brief(execution, now), told: describe(execution, now), icon, color };
}

/** A job looks like its latest execution. */
export function jobLook(name: string, last: JobExecution | null, now: number): Look {
  if (!last) return { label: name, description: 'not run yet', told: 'not run yet', icon: 'rocket', color: undefined };
  const { icon, color } = stateLooks[last.state];
  return { label: name, description: brief(last, now), told: describe(last, now), icon, color };
}

/** Beside an icon that says the state, where only the beginning may be seen: `3m · 2 of 8 cells`, `KeyError: 'x' · 2h ago · 40s` */
export function brief(execution: JobExecution, now: number): string {
  const { state, started, cause } = execution;
  if (state === 'queued') return describe(execution, now);
  const { age, facts } = partsOf(execution, now);
  const { word } = stateLooks[state];
  if (!isOver(execution)) return [started ? age : word, ...facts, ...(cause ? [cause] : [])].join(' · ');
  const why = cause ? [cause.replace(/^Exit code \d+: /, '').replace(/\.$/, '')] : state === 'stopped' ? [word] : [];
  return [...why, age || word, ...facts].join(' · ');
}

/** In full: `running 3m · 2 of 8 cells`, `failed 2h ago · Exit code 1 · 40s` */
export function describe(execution: JobExecution, now: number): string {
  const { state, cause } = execution;
  const { word } = stateLooks[state];
  // It says its place in the queue, and what is in the way.
  if (state === 'queued' && cause) return cause.replace(/^Queued/, word).replace(/\.$/, '');
  const { age, facts } = partsOf(execution, now);
  return [[word, age].filter(Boolean).join(' '), ...(cause ? [cause] : []), ...facts].join(' · ');
}

function partsOf(execution: JobExecution, now: number): { age: string; facts: string[] } {
  const { state, started, ended, cells, trigger, warnings } = execution;
  const progress = cells && cells.total > 0 ? [`${cells.done} of ${cells.total} cells`] : [];
  if (!isOver(execution)) return { age: started ? duration(now - Date.parse(started)) : '', facts: state === 'running' ? progress : [] };
  const took = ended && started ? [elapsed(Date.parse(ended) - Date.parse(started))] : [];
  const unfinished = cells && cells.done < cells.total ? progress : [];
  const doubts = warnings.length > 0 ? [warnings.length === 1 ? '1 warning' : `${warnings.length} warnings`] : [];
  const by = trigger === 'schedule' ? ['scheduled'] : [];
  return { age: ended ? `${duration(now - Date.parse(ended))} ago` : '', facts: [...took, ...unfinished, ...doubts, ...by] };
}

/** Rows of the tooltip. */
export function executionFacts(execution: JobExecution): [name: string, value: string][] {
  const { state, cause, cells, user, warnings, trigger, inputs, started, ended } = execution;
  const { compute, git } = inputs;
  const row = (name: string, value: string | null | false): [string, string][] => (value ? [[name, value]] : []);
  return [
    ['State', state === 'queued' && cause ? cause : `${stateLooks[state].word}${cause ? `: ${cause}` : ''}`],
    ...warnings.map((warning): [string, string] => ['Warning', warning]),
    ...row('Cells', cells && `${cells.done} of ${cells.total}`),
    ...row('Took', started && ended && elapsed(Date.parse(ended) - Date.parse(started))),
    ['Program', [inputs.path, ...inputs.arguments].join(' ')],
    ...row('Parameters', assignments(inputs.parameters)),
    ...row('Variables', Object.keys(inputs.variables).join(', ')),
    ['Project', execution.project],
    ['Environment', `${inputs.environment}${inputs.revision === null ? '' : `, revision ${inputs.revision}`}`],
    ['Limits', limits(compute)],
    ['Files', inputs.snapshot ? `snapshot ${inputs.snapshot.slice(0, 12)}` : 'the project as it was'],
    ...row('Commit', git && `${git.commit.slice(0, 12)}${git.dirty ? ' with changes' : ''}`),
    ['Started by', `${user}${trigger === 'user' ? '' : ` (${trigger})`}`],
  ];
}

export function limits({ cores, memory, gpus, timeout }: JobExecution['inputs']['compute']): string {
  return [
    `${cores} ${cores === 1 ? 'core' : 'cores'}`,
    `${Number((memory / 1024).toFixed(2))} GiB`,
    ...(gpus > 0 ? [`${gpus} ${gpus === 1 ? 'GPU' : 'GPUs'}`] : []),
    ...(timeout === null ? [] : [`at most ${elapsed(timeout * 1000)}`]),
  ].join(', ');
}

export function assignments(values: JobExecution['inputs']['parameters']): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${formatParameter(value)}`)
    .join(' ');
}

export function scheduleLook({ cron, timezone, paused, pauseReason, next }: Schedule, locale?: string): Look {
  const upcoming = next[0] ? `next ${inZone(next[0], timezone, locale)}` : 'no time ever';
  const description = pauseReason === null ? `${paused ? 'paused' : upcoming} · ${timezone}` : `paused: ${pauseReason}`;
  return { label: cronWords(cron) ?? cron, description, told: description, icon: paused ? 'circle-slash' : 'calendar', color: undefined };
}

export function inZone(time: string, timeZone: string, locale?: string): string {
  return new Date(time).toLocaleString(locale, {
    timeZone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
}
