/** Jobs and executions as viewers see them: which variables there are, not what is in them. */
import type { Event, Job, JobExecution } from '@bine/shared';

export const hiddenValue = '***';

type Variables = Job['variables'];
const hide = (variables: Variables): Variables => Object.fromEntries(Object.keys(variables).map((name) => [name, hiddenValue]));

export function hideInJob<T extends Pick<Job, 'variables'>>(job: T): T {
  return { ...job, variables: hide(job.variables) };
}

export function hideInExecution<T extends Pick<JobExecution, 'inputs'>>(execution: T): T {
  return { ...execution, inputs: { ...execution.inputs, variables: hide(execution.inputs.variables) } };
}

export function hideInEvent(event: Event): Event {
  if (event.type === 'job.changed') return { ...event, data: hideInJob(event.data) };
  return event.type === 'execution.changed' ? { ...event, data: hideInExecution(event.data) } : event;
}
