/** How jobs, executions and schedules are told apart at a glance: label, the fact that matters now, and the whole in a table. */
import type { JobExecution, JobExecutionState, Schedule } from '@bine/shared';
import { formatParameter } from '@bine/cli/jobs/assignments';
import { duration } from '../vs/units.ts';

export type Look = { label: string; description: string; icon: string; color: string | undefined };

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
  return { label: `#${execution.number}`, description: describe(execution, now), icon, color };
}

/** A job looks like its latest execution. */
export function jobLook(name: string, last: JobExecution | null, now: number): Look {
  if (!last) return { label: name, description: 'not run yet', icon: 'rocket', color: undefined };
  const { icon, color } = stateLooks[last.state];
  return { label: name, description: describe(last, now), icon, color };
}

/** `running 3m · cell 2 of 8`, `failed 2h ago · 40s · exit code 1` */
export function describe(execution: JobExecution, now: number): string {
  const { state, started, ended, cells, cause, trigger, warnings } = execution;
  const { word } = stateLooks[state];
  // It says its place in the queue, and what is in the way.
  if (state === 'queued' && cause) return cause.replace(/^Queued/, word).replace(/\.$/, '');
  const progress = cells && cells.total > 0 ? [`${cells.done} of ${cells.total} cells`] : [];
  const why = cause ? [cause] : [];
  if (!isOver(execution)) {
    const since = started ? ` ${duration(now - Date.parse(started))}` : '';
    return [`${word}${since}`, ...(state === 'running' ? progress : []), ...why].join(' · ');
  }
  const took = ended && started ? [duration(Date.parse(ended) - Date.parse(started))] : [];
  const unfinished = cells && cells.done < cells.total ? progress : [];
  const by = trigger === 'schedule' ? ['scheduled'] : [];
  const when = ended ? ` ${duration(now - Date.parse(ended))} ago` : '';
  const doubts = warnings.length > 0 ? [warnings.length === 1 ? '1 warning' : `${warnings.length} warnings`] : [];
  return [`${word}${when}`, ...took, ...unfinished, ...why, ...doubts, ...by].join(' · ');
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
    ...row('Took', started && ended && duration(Date.parse(ended) - Date.parse(started))),
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
    ...(timeout === null ? [] : [`at most ${duration(timeout * 1000)}`]),
  ].join(', ');
}

export function assignments(values: JobExecution['inputs']['parameters']): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${formatParameter(value)}`)
    .join(' ');
}

export function scheduleLook({ cron, timezone, paused, pauseReason, next }: Schedule, locale?: string): Look {
  const upcoming = next[0] ? `next ${inZone(next[0], timezone, locale)}` : 'no time ever';
  return {
    label: cron,
    description: pauseReason === null ? `${paused ? 'paused' : upcoming} · ${timezone}` : `paused: ${pauseReason}`,
    icon: paused ? 'debug-pause' : 'calendar',
    color: undefined,
  };
}

export function inZone(time: string, timeZone: string, locale?: string): string {
  return new Date(time).toLocaleString(locale, {
    timeZone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  });
}
