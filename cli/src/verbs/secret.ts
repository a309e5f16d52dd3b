/** `bine secret …` */
import { readFile } from 'node:fs/promises';
import { contract, largestSecret } from '@bine/shared';
import type { Secret } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import { procedureVerb } from '../procedure-verb.ts';
import { readSecret } from '../secret.ts';
import { formatAge } from '../terminal.ts';
import { defineVerb, type Context, type Group } from '../verb.ts';

type Whose = { project?: string; mine?: boolean };

const whose = [
  { flags: '-p, --project <project>', summary: 'Of a project: whoever runs something in it can use it' },
  { flags: '--mine', summary: 'Of your own: only what you run yourself gets it, in place of one of the project with the same name' },
];
/** Shorter ones would turn ordinary output into asterisks. */
const leastMasked = 6;

/** null: the user's own. @throws Problem where it is not said */
function projectOf({ project, mine }: Whose): string | null {
  if (mine && project !== undefined)
    throw new Problem('invalid', 'A secret is either of a project or yours: write --project or --mine, not both.');
  if (project !== undefined) return project;
  if (mine) return null;
  throw new Problem('invalid', 'Whose secret is it? Write -p PROJECT for one of a project, or --mine for one of your own.');
}

async function readValue({ host }: Context, name: string, file: string | undefined): Promise<Buffer> {
  const value =
    file === undefined ? Buffer.from((await readSecret(host, `Value of ${name}: `)).replace(/\r?\n$/, '')) : await readGiven(file);
  if (value.length === 0) throw new Problem('invalid', 'That was an empty value. "secret rm" removes a secret.');
  if (value.length > largestSecret) throw new Problem('invalid', `That has ${value.length} bytes; a secret has at most 64 KiB.`);
  return value;
}

async function readGiven(file: string): Promise<Buffer> {
  return readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new Problem('invalid', `The file ${file} cannot be read (${error.code}).`, { cause: error });
  });
}

/** As it travels: text where it is text. */
function encode(value: Buffer): { value: string; encoding: 'utf8' | 'base64' } {
  const text = value.toString('utf8');
  return Buffer.from(text, 'utf8').equals(value)
    ? { value: text, encoding: 'utf8' }
    : { value: value.toString('base64'), encoding: 'base64' };
}

function show(all: readonly Secret[], { terminal, command }: Context, project: string | null): void {
  const users = ({ usedBy }: Secret) => usedBy.map(({ type, title }) => `${type} ${title}`).join(', ');
  terminal.printTable(
    ['name', 'set', 'by', 'used by'],
    all.map((one) => [one.name, formatAge(one.set), one.setBy, users(one)]),
    `There are none. "${command} secret set NAME ${project === null ? '--mine' : `-p ${project}`}" keeps one; jobs and kernels get it with --secret NAME.`,
  );
}

export const secret: Group = {
  verbs: {
    set: defineVerb<Whose & { name: string; fromFile?: string }>({
      summary: 'Keep a secret, encrypted, or give it another value; the value is never shown again',
      examples: [
        ['HF_TOKEN -p churn', 'asks for the value, which is not shown'],
        ['HF_TOKEN --mine < token.txt', 'from a pipe or a file; never as an argument, which others can see'],
        ['GCP_KEY -p churn --from-file key.json', 'all bytes of a file; a program gets it with --secret GCP_KEY:file'],
      ],
      arguments: [{ name: 'name', summary: 'As an environment variable is named, such as HF_TOKEN' }],
      options: [...whose, { flags: '--from-file <file>', summary: 'Instead of asking: all bytes of this file' }],
      json: true,
      async run(context, { name, fromFile, ...rest }) {
        const project = projectOf(rest);
        // Before the value is asked for: a gateway that does not answer is better known before somebody types.
        const { api } = await context.client();
        const value = await readValue(context, name, fromFile);
        const given = { name, ...encode(value) };
        const kept = await (project === null ? api.secrets.setMine(given) : api.secrets.set({ project, ...given }));
        if (context.json) return context.terminal.printJson(kept);
        context.terminal.say(`${kept.name} is kept, encrypted. What starts from now on gets this value.`);
        if (value.length < leastMasked) {
          context.terminal.say(`It is shorter than ${leastMasked} bytes: a program that prints it is not kept from showing it.`);
        }
      },
    }),
    list: defineVerb<Whose>({
      summary: 'List secrets: who set each, when, and what uses it; never their values',
      examples: [
        ['-p churn', 'of a project'],
        ['--mine', 'your own'],
      ],
      options: whose,
      json: true,
      async run(context, input) {
        const project = projectOf(input);
        const { api } = await context.client();
        const all = await (project === null ? api.secrets.listMine({}) : api.secrets.list({ project }));
        if (context.json) context.terminal.printJson(all);
        else show(all, context, project);
      },
    }),
    'rotate-key': procedureVerb({
      procedure: contract.secrets.rotateKey,
      call: (api) => api.secrets.rotateKey({}),
      examples: [['', 'after somebody may have seen secrets.key, or as a rule; for administrators']],
      show({ sealed, unreadable }, { terminal }) {
        terminal.say(
          `${sealed} secrets and Git tokens are sealed with a new key. Back up secrets.key; backups from before need the old one.`,
        );
        if (unreadable > 0) terminal.say(`${unreadable} could not be read: their key is lost. They have to be set again.`);
      },
    }),
    rm: defineVerb<Whose & { name: string }>({
      summary: 'Remove a secret; what runs keeps the value until it ends',
      examples: [['HF_TOKEN -p churn', 'asks first']],
      arguments: [{ name: 'name', summary: 'As "secret list" shows it' }],
      options: whose,
      json: true,
      confirm: ({ name, project }) =>
        `Remove the secret ${name} ${project === undefined ? 'of yours' : `of ${project}`}? Nobody can get its value back.`,
      async run(context, { name, ...rest }) {
        const project = projectOf(rest);
        const { api } = await context.client();
        await (project === null ? api.secrets.removeMine({ name }) : api.secrets.remove({ project, name }));
        if (context.json) context.terminal.printJson({});
        else context.terminal.say(`Removed ${name}.`);
      },
    }),
  },
};
