/** `bine kernel …` */
import { contract } from '@bine/shared';
import type { Kernel } from '@bine/shared';
import { procedureVerb } from '../procedure-verb.ts';
import { secretOption } from '../secrets/secret-use.ts';
import { formatAge, formatBytes } from '../terminal.ts';
import { defineVerb, type Context, type Group } from '../verb.ts';

const { kernels } = contract;

function show(all: readonly Kernel[], { terminal }: Context): void {
  const row = (kernel: Kernel) => [
    kernel.id,
    kernel.project,
    kernel.notebook ?? '',
    kernel.environment,
    kernel.state + (kernel.cause ? ` (${kernel.cause})` : ''),
    kernel.memoryUsed === null ? '' : `${formatBytes(kernel.memoryUsed)} of ${formatBytes(kernel.memory * 1024 ** 2)}`,
    formatAge(kernel.started),
  ];
  terminal.printTable(['id', 'project', 'notebook', 'environment', 'state', 'memory', 'started'], all.map(row), 'No kernel is running.');
}

const tell = (kernel: Kernel, { terminal }: Context) => terminal.say(`Kernel ${kernel.id} in ${kernel.environment} is ${kernel.state}.`);
const examples = [['k3x9 -p quickstart', 'the id is in "kernel list"']] as const;

export const kernel: Group = {
  verbs: {
    list: defineVerb<{ project?: string; ended?: boolean }>({
      summary: 'List kernels, newest first',
      examples: [
        ['', 'in all your projects'],
        ['-p quickstart --ended', 'also those that were stopped'],
      ],
      options: [
        { flags: '-p, --project <project>', summary: 'Only of this project' },
        { flags: '--ended', summary: 'Also those that were stopped' },
      ],
      json: true,
      async run(context, { project, ended = false }) {
        const { api } = await context.client();
        const projects = project ? [project] : (await api.projects.list({})).map(({ name }) => name);
        const all = (await Promise.all(projects.map((name) => api.kernels.list({ project: name, ended })))).flat();
        if (context.json) context.terminal.printJson(all);
        else show(all, context);
      },
    }),
    start: procedureVerb({
      procedure: kernels.start,
      call: (api, input) => api.kernels.start(input),
      arguments: ['environment'],
      wording: { secrets: secretOption },
      examples: [
        ['python-training -p quickstart --memory 4096 --cores 2', 'answers at once; see "kernel list"'],
        ['python-training -p quickstart --secret HF_TOKEN', 'with a secret in its environment'],
      ],
      show: tell,
    }),
    show: procedureVerb({
      procedure: kernels.get,
      call: (api, input) => api.kernels.get(input),
      arguments: ['kernel'],
      examples,
      show: (one, context) => show([one], context),
    }),
    executions: procedureVerb({
      procedure: kernels.executions,
      call: (api, input) => api.kernels.executions(input),
      arguments: ['kernel'],
      examples,
      show: (all, { terminal }) =>
        terminal.printTable(
          ['cell', 'state', 'in', 'submitted', 'error'],
          all.map(({ cell, state, count, submitted, error }) => [
            cell ?? '',
            state,
            count === null ? '' : `[${count}]`,
            formatAge(submitted),
            error ? `${error.name}: ${error.value}` : '',
          ]),
          'Nothing was run on it.',
        ),
    }),
    interrupt: procedureVerb({
      procedure: kernels.interrupt,
      call: (api, input) => api.kernels.interrupt(input),
      arguments: ['kernel'],
      examples,
      show: (_, { terminal }, input) => terminal.say(`Interrupted ${input.kernel}.`),
    }),
    restart: procedureVerb({
      procedure: kernels.restart,
      call: (api, input) => api.kernels.restart(input),
      arguments: ['kernel'],
      examples,
      confirm: (input) => `Restart kernel ${input.kernel}? Its variables are lost, its outputs are kept.`,
      show: tell,
    }),
    stop: procedureVerb({
      procedure: kernels.shutdown,
      call: (api, input) => api.kernels.shutdown(input),
      arguments: ['kernel'],
      examples,
      confirm: (input) => `Shut kernel ${input.kernel} down? Its variables are lost, its outputs are kept.`,
      show: tell,
    }),
  },
};
