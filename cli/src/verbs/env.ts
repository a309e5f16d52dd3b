/** `bine env …` */
import { contract } from '@bine/shared';
import type { Environment } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import { followBuild, untilBuilt } from '../builds.ts';
import { changeVerbs } from '../environments/change-verbs.ts';
import { showChanges, showLine } from '../environments/show.ts';
import { procedureVerb } from '../procedure-verb.ts';
import { formatAge } from '../terminal.ts';
import { defineVerb, type Context, type Group } from '../verb.ts';

const { environments } = contract;

type Named = { environment: string; project: string };
const arguments_ = [{ name: 'environment', summary: 'As in "env list"' }] as const;
const options = [{ flags: '-p, --project <project>', summary: 'Project', required: true }] as const;

function describe(environment: Environment, { terminal }: Context): void {
  const { name, title, description, bundled, from, revision, state, problem, packages, built } = environment;
  terminal.print(`${terminal.style('bold', name)}  ${title === name ? '' : title}`.trimEnd());
  if (description) terminal.print(`  ${description}`);
  terminal.print(`  ${bundled ? 'bundled; clone it to add packages' : `clone of ${from}, revision ${revision}`}`);
  terminal.print(`  state      ${state}${problem ? `: ${problem}` : ''}`);
  if (built) terminal.print(`  made       ${formatAge(built)}`);
  terminal.print(`  asked for  ${packages.join(' ')}`);
}

function showAll(all: readonly Environment[], { terminal }: Context): void {
  const row = ({ name, state, revision, from, built, packages }: Environment) => [
    name,
    state,
    revision === null ? '' : String(revision),
    from ?? 'bundled',
    built ? formatAge(built) : '',
    packages.join(' '),
  ];
  terminal.printTable(['name', 'state', 'revision', 'clone of', 'made', 'asked for'], all.map(row), 'There are no environments.');
}

export const env: Group = {
  verbs: {
    list: defineVerb<{ name?: string; project?: string }>({
      summary: 'List the environments of a project, the bundled ones last',
      examples: [['-p quickstart', 'what its kernels and jobs can run in']],
      arguments: [{ name: 'name', summary: 'The project, as with --project', optional: true }],
      options: [{ flags: '-p, --project <project>', summary: 'Project' }],
      json: true,
      async run(context, { name, project = name }) {
        if (project === undefined) throw new Problem('invalid', 'Say of which project with --project.');
        const all = await (await context.client()).api.environments.list({ project });
        if (context.json) context.terminal.printJson(all);
        else showAll(all, context);
      },
    }),
    show: procedureVerb({
      procedure: environments.get,
      call: (api, input) => api.environments.get(input),
      arguments: ['environment'],
      examples: [['training -p churn', 'what there is to know about it']],
      show: describe,
    }),
    packages: procedureVerb({
      procedure: environments.packages,
      call: (api, input) => api.environments.packages(input),
      arguments: ['environment'],
      examples: [['training -p churn', 'those that were asked for first']],
      show: (all, { terminal }) =>
        terminal.printTable(
          ['name', 'version', 'source', 'needed'],
          all
            .toSorted((a, b) => Number(b.direct) - Number(a.direct) || a.name.localeCompare(b.name))
            .map(({ name, version, source, from, direct }) => [name, version, from ?? source, direct ? 'asked for' : 'by others']),
          'It has no packages.',
        ),
    }),
    users: procedureVerb({
      procedure: environments.users,
      call: (api, input) => api.environments.users(input),
      arguments: ['environment'],
      examples: [['training -p churn', 'the kernels and jobs that use it']],
      show: (all, { terminal }) =>
        terminal.printTable(
          ['type', 'id', 'title', 'revision'],
          all.map(({ type, id, title, revision }) => [type, id, title, revision === null ? '' : String(revision)]),
          'Nobody uses it.',
        ),
    }),
    search: procedureVerb({
      procedure: environments.search,
      call: (api, input) => api.environments.search(input),
      arguments: ['environment', 'text'],
      examples: [['training seaborn -p churn', 'its versions in the index, and the one that is installed']],
      show: (all, { terminal }, { text }) =>
        terminal.printTable(
          ['name', 'installed', 'latest', 'versions'],
          all.map(({ name, installed, versions }) => [name, installed ?? '', versions[0] ?? '', versions.slice(1, 8).join(' ')]),
          `The index has no "${text}".`,
        ),
    }),
    build: defineVerb<Named>({
      summary: 'Build an environment unless it is ready, and follow the build',
      examples: [['python-training -p quickstart', 'a build under way is shared']],
      arguments: arguments_,
      options,
      json: true,
      async run(context, { environment, project }) {
        await untilBuilt(await context.client(), { environment, project }, showLine(context));
        context.terminal.say(`${environment} is ready.`);
      },
    }),
    ...changeVerbs,
    log: defineVerb<Named & { change?: string }>({
      summary: 'Show the log of the last build or change, live while it runs',
      examples: [
        ['training -p churn', ''],
        ['training -p churn --change k3x9', 'of an earlier one; the id is in "env changes"'],
      ],
      arguments: arguments_,
      options: [...options, { flags: '--change <id>', summary: 'Of this change' }],
      json: true,
      async run(context, { environment, project, change }) {
        await followBuild(await context.client(), { environment, project, ...(change && { change }) }, showLine(context));
      },
    }),
    changes: procedureVerb({
      procedure: environments.changes,
      call: (api, input) => api.environments.changes(input),
      arguments: ['environment'],
      examples: [['training -p churn', 'what was asked of it and what became of that']],
      show: (all, { terminal }) => showChanges(all, terminal),
    }),
    cancel: procedureVerb({
      procedure: environments.cancelBuild,
      call: (api, input) => api.environments.cancelBuild(input),
      arguments: ['environment'],
      examples: [['python-training -p quickstart', 'the build or change under way']],
      show: ({ name, state }, { terminal }) => terminal.say(`${name} is ${state}.`),
    }),
  },
};
