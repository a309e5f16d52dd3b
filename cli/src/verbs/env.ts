/** `bine env …` */
import { contract } from '@bine/shared';
import type { BuildLine } from '@bine/shared';
import { followBuild, untilBuilt } from '../builds.ts';
import { procedureVerb } from '../procedure-verb.ts';
import { formatAge } from '../terminal.ts';
import { defineVerb, type Context, type Group } from '../verb.ts';

const { environments } = contract;

type Named = { environment: string; project: string };
const arguments_ = [{ name: 'environment', summary: 'As in "env list"' }] as const;
const options = [{ flags: '-p, --project <project>', summary: 'Project', required: true }] as const;

const show =
  ({ terminal, json }: Context) =>
  (line: BuildLine) =>
    terminal.print(json ? JSON.stringify(line) : line.text);

export const env: Group = {
  verbs: {
    list: procedureVerb({
      procedure: environments.list,
      call: (api, input) => api.environments.list(input),
      arguments: ['project'],
      examples: [['quickstart', 'what its kernels can run in']],
      show: (all, { terminal }) =>
        terminal.printTable(
          ['name', 'state', 'built', 'packages'],
          all.map(({ name, state, built, packages }) => [name, state, built ? formatAge(built) : '', packages.join(' ')]),
          'There are no environments.',
        ),
    }),
    build: defineVerb<Named>({
      summary: 'Build an environment unless it is ready, and follow the build',
      examples: [['python-training -p quickstart', 'a build under way is shared']],
      arguments: arguments_,
      options,
      json: true,
      async run(context, { environment, project }) {
        await untilBuilt(await context.client(), { environment, project }, show(context));
        context.terminal.say(`${environment} is ready.`);
      },
    }),
    log: defineVerb<Named>({
      summary: 'Show the log of the last build, live while it runs',
      examples: [['python-training -p quickstart', '']],
      arguments: arguments_,
      options,
      json: true,
      async run(context, { environment, project }) {
        await followBuild(await context.client(), { environment, project }, show(context));
      },
    }),
    cancel: procedureVerb({
      procedure: environments.cancelBuild,
      call: (api, input) => api.environments.cancelBuild(input),
      arguments: ['environment'],
      examples: [['python-training -p quickstart', '']],
      show: ({ name, state }, { terminal }) => terminal.say(`${name} is ${state}.`),
    }),
  },
};
