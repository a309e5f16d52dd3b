/** What can be changed of a job that is there, and ways to run it: with other arguments, now, on a schedule, in another environment. */
import type { Job, JobExecution, Schedule } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import * as vscode from 'vscode';
import { toProblem } from '../connection/problem.ts';
import { pick } from '../vs/ask.ts';
import { briefly } from '../vs/progress.ts';
import { askArguments, askParameters } from './ask-job.ts';
import { type When, askWhen } from './ask-when.ts';
import { choiceIn } from './choices.ts';
import { inZone } from './describe.ts';
import type { JobCommandDeps } from './job-commands.ts';
import type { JobNode } from './tree.ts';

export type ChangeCommand = 'bine.runJobNow' | 'bine.runJobWith' | 'bine.addSchedule' | 'bine.editSchedule' | 'bine.changeJobEnvironment';

export function createChangeCommands(deps: JobCommandDeps): Record<ChangeCommand, (node?: JobNode) => Promise<void>> {
  const { connection, jobs, started } = deps;
  const { client } = connection;

  /** The one clicked or selected, of an execution or a schedule its job; else one picked. */
  async function meant(title: string, node = deps.view.selection[0]): Promise<Job> {
    const named = node && (node.kind === 'job' ? node.job : node.kind === 'schedule' ? jobOf(node.schedule) : jobOf(node.execution));
    const found = named && jobs.find(named.project, named.name);
    if (found) return found;
    const choices = (jobs.all ?? []).map((value) => ({ label: value.name, description: value.path, detail: value.project, value }));
    return pick<Job>(choices, { title, placeHolder: choices.length > 0 ? 'Which job?' : 'There is none' });
  }
  /** The files of its latest execution, where those came from a local folder. */
  const snapshotOf = (job: Job) => jobs.executionsOf(job)[0]?.inputs.snapshot ?? null;

  async function run(job: Job, more: { snapshot: string | null; arguments?: string[]; parameters?: Job['parameters'] }): Promise<void> {
    const { snapshot, ...inputs } = more;
    const input = { project: job.project, job: job.name, ...inputs, ...(snapshot && { snapshot }), idempotencyKey: crypto.randomUUID() };
    started(await briefly(`Run ${job.name}…`, () => client.jobs.run(input)));
  }

  return {
    'bine.runJobNow': async (node) => {
      const job = await meant('Run Now', node);
      await run(job, { snapshot: node?.kind === 'schedule' ? node.schedule.snapshot : snapshotOf(job) });
    },
    'bine.runJobWith': async (node) => {
      const job = await meant('Run with Other Arguments', node);
      const ask = job.type === 'notebook' ? askParameters : askArguments;
      const last = jobs.executionsOf(job)[0];
      const step = { title: `Run ${job.name}${last?.inputs.snapshot ? ` on the files of #${last.number}` : ''}`, step: 1, totalSteps: 1 };
      const before = choiceIn(last ? { ...job, arguments: last.inputs.arguments, parameters: last.inputs.parameters } : job);
      const asked = await ask({ choice: before, when: null }, step);
      if (!asked) return;
      const { arguments: words, parameters } = asked.choice;
      await run(job, { snapshot: snapshotOf(job), ...(job.type === 'notebook' ? { parameters } : { arguments: words }) });
    },
    'bine.addSchedule': async (node) => {
      const job = await meant('Add Schedule', node);
      const { project, name } = job;
      const snapshot = snapshotOf(job);
      await schedule(`Schedule ${name}`, null, ({ cron, timezone }) =>
        client.schedules.create({ project, job: name, cron, timezone, ...(snapshot && { snapshot }) }),
      );
    },
    'bine.editSchedule': async (node) => {
      const before = node?.kind === 'schedule' ? node.schedule : await pickSchedule(deps);
      const { project, id, job } = before;
      await schedule(`Schedule of ${job}`, before, ({ cron, timezone }) =>
        client.schedules.update({ project, schedule: id, cron, timezone }),
      );
    },
    'bine.changeJobEnvironment': async (node) => {
      const job = await meant('Change Environment', node);
      const { project, name, type: _type, created: _created, user: _user, ...program } = job;
      const choices = client.environments.list({ project }).then((all) =>
        all.map(({ name: value, title, description }) => ({
          label: `${value === job.environment ? '$(check) ' : ''}${title}`,
          description: value,
          detail: description,
          value,
        })),
      );
      const environment = await pick<string>(choices, { title: `Environment of ${name}`, placeHolder: `Now ${job.environment}` });
      await client.jobs.put({ ...program, project, job: name, environment });
    },
  };
}

const jobOf = ({ project, job }: Pick<JobExecution, 'project' | 'job'>) => ({ project, name: job });

async function pickSchedule({ jobs }: JobCommandDeps): Promise<Schedule> {
  const all = (jobs.all ?? []).flatMap((job) => jobs.schedulesOf(job));
  const choices = all.map((value) => ({ label: value.job, description: value.cron, detail: value.project, value }));
  return pick<Schedule>(choices, { title: 'Edit Schedule', placeHolder: choices.length > 0 ? 'Which schedule?' : 'There is none' });
}

/** Asks again where the gateway refuses the time, with what was said. */
async function schedule(title: string, first: When, set: (when: NonNullable<When>) => Promise<Schedule>): Promise<void> {
  let before = first;
  for (;;) {
    const when = await askWhen({ title, step: 1, totalSteps: 1, before });
    if (!when) return;
    before = when;
    try {
      return tellNext(await set(when));
    } catch (error) {
      const problem = toProblem(error);
      if (problem.code !== 'invalid') throw problem;
      if ((await vscode.window.showErrorMessage(problem.message, 'Change Time')) !== 'Change Time')
        throw new Problem('cancelled', 'Cancelled.');
    }
  }
}

/** It stands in the view, too, which may be closed. */
export function tellNext({ job, next, timezone }: Schedule): void {
  const first = next[0] ? `next ${inZone(next[0], timezone)}` : 'at no time that ever comes';
  vscode.window.setStatusBarMessage(`$(calendar) ${job} is scheduled, ${first}`, 10_000);
}
