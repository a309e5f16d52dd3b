/** The verbs of `bine git` for what belongs to the user in all projects: tokens, and the name to commit under. */
import { contract } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import { procedureVerb } from '../procedure-verb.ts';
import { readSecret } from '../secret.ts';
import { formatAge } from '../terminal.ts';
import { defineVerb, type Verb } from '../verb.ts';

const { git } = contract;

export const tokenVerbs = {
  list: procedureVerb({
    procedure: git.credentials,
    call: (api, input) => api.git.credentials(input),
    examples: [['', 'the tokens themselves are told to nobody']],
    show: (all, { terminal, command }) =>
      terminal.printTable(
        ['host', 'username', 'added'],
        all.map(({ host, username, added }) => [host, username, formatAge(added)]),
        `You gave no tokens. "${command} git token set HOST" gives one.`,
      ),
  }),
  set: defineVerb<{ host: string; username?: string }>({
    summary: 'Keep a token for a Git server, encrypted',
    examples: [
      ['github.com', 'asks for the token, which is not shown'],
      ['git.example.org:8443 --username ann < token.txt', 'from a file or a pipe; never as an argument, which others can see'],
    ],
    arguments: [{ name: 'host', summary: 'Of the Git server, such as github.com' }],
    options: [{ flags: '--username <username>', summary: 'Default: what the server takes with a token alone' }],
    json: true,
    async run(context, { host, username }) {
      // Before the token is asked for: a gateway that does not answer is better known before somebody types.
      const { api } = await context.client();
      const token = (await readSecret(context.host, `Token for ${host}: `)).trim();
      if (token === '') throw new Problem('invalid', 'That was an empty token.');
      const kept = await api.git.setCredential({ host, token, ...(username !== undefined && { username }) });
      if (context.json) context.terminal.printJson(kept);
      else context.terminal.say(`The token for ${kept.host} is kept, encrypted.`);
    },
  }),
  delete: procedureVerb({
    procedure: git.deleteCredential,
    call: (api, input) => api.git.deleteCredential(input),
    arguments: ['host'],
    examples: [['github.com', 'asks first']],
    confirm: ({ host }) => `Forget the token for ${host}? It stays valid there.`,
    show: (_, { terminal }, { host }) => terminal.say(`Forgot the token for ${host}.`),
  }),
} satisfies Record<string, Verb>;

export const identityVerbs = {
  show: procedureVerb({
    procedure: git.identity,
    call: (api, input) => api.git.identity(input),
    examples: [['', '']],
    show: (identity, { terminal, command }) => {
      if (identity) terminal.print(`${identity.name} <${identity.email}>`);
      else terminal.say(`You did not say yet. "${command} git identity set NAME EMAIL" says it.`);
    },
  }),
  set: procedureVerb({
    procedure: git.setIdentity,
    call: (api, input) => api.git.setIdentity(input),
    arguments: ['name', 'email'],
    examples: [['"Ann Example" ann@example.org', 'in all projects']],
    show: ({ name, email }, { terminal }) => terminal.say(`You commit as ${name} <${email}>.`),
  }),
} satisfies Record<string, Verb>;
