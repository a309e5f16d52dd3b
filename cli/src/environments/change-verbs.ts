/** The verbs of `bine env` that make a clone and change it. */
import { contract } from '@bine/shared';
import type { Change } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import { untilBuilt } from '../builds.ts';
import { procedureVerb } from '../procedure-verb.ts';
import { defineVerb, type Context, type Option, type Verb } from '../verb.ts';
import { checkWanted, followChange, newKey, toRequest, type Wanted } from './changes.ts';
import { changeLines, showRevisions } from './show.ts';

const { environments } = contract;

type Named = { environment: string; project: string };
const environment = { name: 'environment', summary: 'A clone, as in "env list"' } as const;
const project = { flags: '-p, --project <project>', summary: 'Project', required: true } as const;
const noWait: Option = { flags: '--no-wait', summary: 'Do not wait until it is done' };

/** Follows a change to its end, and says what it did. */
async function conclude(context: Context, at: Named, doing: { title: string; wait: boolean; begin: () => Promise<Change> }): Promise<void> {
  const { terminal, json, signal, step } = context;
  const client = await context.client();
  const follow = async () => {
    const begun = await doing.begin();
    if (!doing.wait) return begun;
    return step(doing.title, (report) => followChange({ client, at, signal, report }, begun));
  };
  const change = await follow();
  if (json) return terminal.printJson(change);
  if (!doing.wait) return terminal.say(`Change ${change.id} of ${at.environment} is ${change.state}.`);
  if (change.revision === null) return terminal.say(`${at.environment} is as you asked for already; nothing was changed.`);
  const { changes } = await client.api.environments.revision({ ...at, revision: change.revision });
  for (const line of changeLines(changes)) terminal.print(line);
  terminal.say(`${at.environment} is at revision ${change.revision}.`);
}

type Installing = Named & Omit<Wanted, 'packages'> & { packages: string[]; wait: boolean };

const sources: readonly Option[] = [
  { flags: '-r, --requirements <file>', summary: 'A requirements.txt of this machine' },
  { flags: '--wheel <file>', summary: 'A wheel of this machine, or PROJECT:PATH; may be given several times', many: true },
  { flags: '--uninstall <name>', summary: 'Uninstall this in the same change; may be given several times', many: true },
];

const secret: Option = {
  flags: '--secret <NAME>',
  summary: 'A secret that builds of packages may read in $BINE_SECRETS_DIR/NAME; may be given several times; see "secret --help"',
  many: true,
};

const packages = {
  name: 'packages',
  summary: 'As for pip: seaborn, ray[tune]>=2.9, git+https://…@branch',
  many: true,
  optional: true,
} as const;

export const changeVerbs: Readonly<Record<string, Verb>> = {
  clone: defineVerb<Named & { name: string; description?: string }>({
    summary: 'Make an environment of the project out of another one, without a build',
    examples: [['python-training training -p churn', 'one that was never built is built first']],
    arguments: [
      { name: 'environment', summary: 'As in "env list"' },
      { name: 'name', summary: 'Of the new one' },
    ],
    options: [project, { flags: '--description <text>', summary: 'What it is for' }],
    json: true,
    async run(context, { environment: name, project: at, ...made }) {
      const client = await context.client();
      const named = { environment: name, project: at };
      if ((await client.api.environments.get(named)).state !== 'ready')
        await context.step(`Building ${name}`, (report) => untilBuilt(client, named, ({ text }) => report(text)));
      const clone = await client.api.environments.clone({
        ...named,
        name: made.name,
        ...(made.description && { description: made.description }),
      });
      if (context.json) context.terminal.printJson(clone);
      else context.terminal.say(`Made ${clone.name} out of ${name}.`);
    },
  }),
  install: defineVerb<Installing>({
    summary: 'Install packages, all or none of them; running kernels get them in place',
    examples: [
      ['training seaborn xgboost==2.1.4 -p churn', 'from the package index'],
      ['training -r requirements.txt -p churn', ''],
      ['training sdk --secret SDK_TOKEN -p churn', 'its build reads a file with the token'],
      ['training git+https://git.example.org/team/lib.git@v2 -p churn', 'a branch, a tag or a commit'],
    ],
    arguments: [environment, packages],
    options: [project, ...sources, secret, noWait],
    json: true,
    async run(context, { environment: name, project: at, wait, ...wanted }) {
      checkWanted(wanted);
      const client = await context.client();
      const named = { environment: name, project: at };
      const request = await toRequest({ client, at: named, signal: context.signal, report: () => undefined }, wanted);
      const begin = () => client.api.environments.change({ ...request, idempotencyKey: newKey() });
      await conclude(context, named, { title: `Installing in ${name}`, wait, begin });
    },
  }),
  uninstall: defineVerb<Named & { packages: string[]; secret?: string[]; wait: boolean }>({
    summary: 'Uninstall packages; "env rollback" brings them back',
    examples: [['training seaborn -p churn', '']],
    arguments: [environment, { name: 'packages', summary: 'Names', many: true }],
    options: [project, secret, noWait],
    json: true,
    async run(context, { environment: name, project: at, packages: uninstall, secret: secrets = [], wait }) {
      const named = { environment: name, project: at };
      const client = await context.client();
      const begin = () => client.api.environments.change({ ...named, uninstall, secrets, idempotencyKey: newKey() });
      await conclude(context, named, { title: `Uninstalling from ${name}`, wait, begin });
    },
  }),
  preview: defineVerb<Omit<Installing, 'wait'>>({
    summary: 'What an installation would do; nothing is changed',
    examples: [['training seaborn --uninstall plotly -p churn', 'in the words of the resolver, then what would change']],
    arguments: [environment, packages],
    options: [project, ...sources, secret],
    json: true,
    async run(context, { environment: name, project: at, ...wanted }) {
      checkWanted(wanted);
      const { terminal, json, signal, step } = context;
      const client = await context.client();
      const preview = await step(`Resolving for ${name}`, async (report) => {
        const request = await toRequest({ client, at: { environment: name, project: at }, signal, report }, wanted);
        return client.api.environments.preview(request, { signal });
      });
      if (json) return terminal.printJson(preview);
      for (const line of preview.lines) terminal.say(terminal.style('dim', line));
      const lines = changeLines(preview);
      for (const line of lines) terminal.print(line);
      if (lines.length === 0) terminal.say('Nothing would change.');
    },
  }),
  revisions: procedureVerb({
    procedure: environments.revisions,
    call: (api, input) => api.environments.revisions(input),
    arguments: ['environment'],
    examples: [['training -p churn', 'who changed what, and when; newest first']],
    show: (all, { terminal }) => showRevisions(all, terminal),
  }),
  lock: procedureVerb({
    procedure: environments.revision,
    call: (api, input) => api.environments.revision(input),
    arguments: ['environment', 'revision'],
    examples: [['training 3 -p churn', 'every package with its version and hashes, as a requirements.txt']],
    show: ({ lock }, { terminal }) => terminal.print(lock.trimEnd()),
  }),
  rollback: defineVerb<Named & { revision: string; wait: boolean }>({
    summary: 'Go back to the packages of an earlier revision; no revision is lost',
    examples: [['training 2 -p churn', 'makes a new revision like revision 2']],
    arguments: [environment, { name: 'revision', summary: 'As in "env revisions"' }],
    options: [project, noWait],
    json: true,
    async run(context, { environment: name, project: at, revision, wait }) {
      const number = Number(revision);
      if (!Number.isInteger(number)) throw new Problem('invalid', `A revision is a whole number, not "${revision}"; see "env revisions".`);
      const named = { environment: name, project: at };
      const client = await context.client();
      const begin = () => client.api.environments.rollback({ ...named, revision: number });
      await conclude(context, named, { title: `Rolling ${name} back to revision ${number}`, wait, begin });
    },
  }),
  rename: defineVerb<Named & { name: string }>({
    summary: 'Rename a clone; its kernels and jobs go along',
    examples: [['training boosting -p churn', '']],
    arguments: [environment, { name: 'name', summary: 'The new one' }],
    options: [project],
    json: true,
    async run(context, { environment: before, project: at, name }) {
      const renamed = await (await context.client()).api.environments.update({ environment: before, project: at, name });
      if (context.json) context.terminal.printJson(renamed);
      else context.terminal.say(`${before} is ${renamed.name} now.`);
    },
  }),
  describe: defineVerb<Named & { description: string }>({
    summary: 'Say what a clone is for',
    examples: [['training "Gradient boosting on customers" -p churn', '']],
    arguments: [environment, { name: 'description', summary: 'At most 500 characters' }],
    options: [project],
    json: true,
    async run(context, { environment: name, project: at, description }) {
      const described = await (await context.client()).api.environments.update({ environment: name, project: at, description });
      if (context.json) context.terminal.printJson(described);
      else context.terminal.say(`${described.name}: ${described.description}`);
    },
  }),
  delete: procedureVerb({
    procedure: environments.delete,
    call: (api, input) => api.environments.delete(input),
    arguments: ['environment'],
    examples: [
      ['training -p churn', 'asks first; refused while kernels or jobs use it'],
      ['training -p churn --yes', 'does not ask'],
    ],
    confirm: (input) => `Delete the environment ${input.environment} of ${input.project} with all its revisions?`,
    show: (_, { terminal }, input) => terminal.say(`Deleted ${input.environment}.`),
  }),
};
