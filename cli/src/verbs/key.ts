/** `bine key …` */
import { contract } from '@bine/shared';
import { procedureVerb } from '../procedure-verb.ts';
import { formatAge } from '../terminal.ts';
import type { Group } from '../verb.ts';

const { access } = contract;

export const key: Group = {
  verbs: {
    list: procedureVerb({
      procedure: access.listKeys,
      call: (api, input) => api.access.listKeys(input),
      examples: [['', 'your keys; the secrets themselves are not kept anywhere']],
      show: (all, { terminal }) =>
        terminal.printTable(
          ['id', 'name', 'user', 'last used', 'expires', 'scopes'],
          all.map(({ id, name, user, lastUsed, expires, scopes }) => [
            id,
            name,
            user,
            lastUsed ? formatAge(lastUsed) : 'never',
            expires?.slice(0, 10) ?? 'never',
            scopes.join(' '),
          ]),
          'There are no keys.',
        ),
    }),
    create: procedureVerb({
      procedure: access.createKey,
      call: (api, input) => api.access.createKey(input),
      arguments: ['name'],
      examples: [
        ['laptop', 'may do all that you may, for a year'],
        ['dashboard --scopes kernels:read --scopes events:read --days 30', 'may only look, for a month'],
      ],
      show: ({ key, secret }, { terminal }) => {
        terminal.print(secret);
        terminal.say(`This is the only time that the secret of "${key.name}" is shown.`);
      },
    }),
    update: procedureVerb({
      procedure: access.updateKey,
      call: (api, input) => api.access.updateKey(input),
      arguments: ['key'],
      examples: [['k_4fQ2 --scopes files:read --scopes events:read', 'only these stay; what it has under way with others ends']],
      show: (one, { terminal }) => terminal.say(`${one.id} (${one.name}) has ${one.scopes.join(', ')}.`),
    }),
    revoke: procedureVerb({
      procedure: access.revokeKey,
      call: (api, input) => api.access.revokeKey(input),
      arguments: ['key'],
      examples: [['k_4fQ2', 'the id is in "key list"; asks first']],
      confirm: (input) => `Revoke key ${input.key} and the keys that were made with it? Whoever uses them is signed out.`,
      show: ({ revoked }, { terminal }) => terminal.say(`Revoked ${revoked.join(', ')}.`),
    }),
  },
};
