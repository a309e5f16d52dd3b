/** `bine env …` */
import { contract } from '@bine/shared';
import type { BuildLine } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import { asProblem, type Client } from '../client.ts';
import { procedureVerb } from '../procedure-verb.ts';
import { formatAge } from '../terminal.ts';
import { defineVerb, type Context, type Group } from '../verb.ts';

const { environments } = contract;

type Named = { environment: string; project: string };
const arguments_ = [{ name: 'environment', summary: 'As in "env list"' }] as const;
const options = [{ flags: '-p, --project <project>', summary: 'Project', required: true }] as const;

/** The log of the last build, live while one runs. @returns how it ended, if it did */
async function follow({ api }: Client, named: Named, { terminal, json }: Context): Promise<BuildLine['done']> {
  let done: BuildLine['done'];
  try {
    for await (const line of await api.environments.log(named)) {
      if (json) terminal.print(JSON.stringify(line));
      else terminal.print(line.text);
      done = line.done ?? done;
    }
  } catch (error) {
    throw asProblem(error);
  }
  return done;
}

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
        const client = await context.client();
        const named = { environment, project };
        const { state } = await client.api.environments.build(named);
        if (state === 'ready') return context.terminal.say(`${environment} is ready.`);
        const done = await follow(client, named, context);
        if (done !== 'succeeded') throw new Problem('build-failed', `Building ${environment} ${done ?? 'did not end'}.`);
      },
    }),
    log: defineVerb<Named>({
      summary: 'Show the log of the last build, live while it runs',
      examples: [['python-training -p quickstart', '']],
      arguments: arguments_,
      options,
      json: true,
      async run(context, { environment, project }) {
        await follow(await context.client(), { environment, project }, context);
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
