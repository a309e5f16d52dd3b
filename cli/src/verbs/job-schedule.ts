/** `bine job schedule …` */
import { contract, type Schedule } from '@bine/shared';
import { procedureVerb } from '../procedure-verb.ts';
import { defineVerb, type Context, type Group } from '../verb.ts';

const { schedules } = contract;
type Named = { schedule: string; project: string };

function show(all: readonly Schedule[], { terminal }: Context): void {
  const row = ({ id, job, cron, timezone, paused, pauseReason, missed, next, skipped, skipCause }: Schedule) => [
    id,
    job,
    cron,
    timezone,
    pauseReason ? `paused: ${pauseReason}` : paused ? 'paused' : inZone(next[0], timezone),
    missed,
    skipped === 0 ? '' : `${skipped}; last: ${skipCause ?? ''}`,
  ];
  terminal.printTable(['id', 'job', 'cron', 'time zone', 'next', 'missed', 'left out'], all.map(row), 'Nothing is scheduled.');
}

const tell = (one: Schedule, { terminal }: Context) => {
  const next = one.paused ? 'paused' : `next at ${one.next.map((time) => inZone(time, one.timezone)).join(', ') || 'no time ever'}`;
  terminal.say(`${one.job} at ${one.cron} (${one.timezone}) is ${one.id}: ${next}.`);
};

function inZone(time: string | undefined, timeZone: string): string {
  return time ? new Date(time).toLocaleString('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }) : '';
}

const switched = (paused: boolean, summary: string) =>
  defineVerb<Named>({
    summary,
    examples: [['s3k9 -p churn', 'the id is in "job schedule list"']],
    arguments: [{ name: 'schedule', summary: 'Its id' }],
    options: [{ flags: '-p, --project <project>', summary: 'Project', required: true }],
    json: true,
    async run(context, { schedule, project }) {
      const one = await (await context.client()).api.schedules.update({ project, schedule, paused });
      if (context.json) context.terminal.printJson(one);
      else tell(one, context);
    },
  });

export const schedule: Group & { summary: string } = {
  summary: 'When jobs are executed by themselves',
  verbs: {
    add: procedureVerb({
      procedure: schedules.create,
      call: (api, input) => api.schedules.create(input),
      arguments: ['job'],
      examples: [
        ['train -p churn --cron "0 6 * * *" --timezone Europe/Stockholm', 'every day at six'],
        ['train -p churn --cron "*/15 * * * 1-5" --missed none', 'and leave out what was missed'],
      ],
      show: tell,
    }),
    list: procedureVerb({
      procedure: schedules.list,
      call: (api, input) => api.schedules.list(input),
      examples: [['-p churn', 'with the next time of each']],
      show,
    }),
    pause: switched(true, 'Pause a schedule'),
    resume: switched(false, 'Resume a schedule'),
    remove: procedureVerb({
      procedure: schedules.delete,
      call: (api, input) => api.schedules.delete(input),
      arguments: ['schedule'],
      examples: [['s3k9 -p churn', 'its job and executions stay']],
      confirm: ({ schedule }) => `Remove the schedule ${schedule}?`,
      show: (_, { terminal }, { schedule }) => terminal.say(`Removed ${schedule}.`),
    }),
  },
};
