/** `bine user …` */
import { contract } from '@bine/shared';
import { procedureVerb } from '../procedure-verb.ts';
import { formatAge } from '../terminal.ts';
import { defineVerb, type Group } from '../verb.ts';

const { access } = contract;

const switched = (disabled: boolean, summary: string) =>
  defineVerb<{ name: string }>({
    summary,
    examples: [['maria', disabled ? 'at once; asks first' : 'then give her a key']],
    arguments: [{ name: 'name', summary: 'The user' }],
    json: true,
    confirm: ({ name }) => (disabled ? `Disable the user ${name} and end all keys and what they have under way?` : null),
    async run(context, { name }) {
      const changed = await (await context.client()).api.access.updateUser({ name, disabled });
      if (context.json) context.terminal.printJson(changed);
      else context.terminal.say(`${name} is ${changed.disabled ? 'disabled' : 'enabled'}.`);
    },
  });

export const user: Group = {
  verbs: {
    me: procedureVerb({
      procedure: access.me,
      call: (api, input) => api.access.me(input),
      examples: [['', 'whose key you use, and where it may go']],
      show: ({ user: me, key, projects }, { terminal }) => {
        terminal.print(`${terminal.style('bold', me.name)}${me.admin ? '  administrator' : ''}`);
        terminal.print(`  key       ${key.name} (${key.id})`);
        for (const { project, role } of projects) terminal.print(`  ${role.padEnd(15)}  ${project}`);
      },
    }),
    list: procedureVerb({
      procedure: access.listUsers,
      call: (api, input) => api.access.listUsers(input),
      examples: [['', 'everybody']],
      show: (all, { terminal }) =>
        terminal.printTable(
          ['name', 'administrator', 'created', 'state'],
          all.map(({ name, admin, created, disabled }) => [name, admin ? 'yes' : '', formatAge(created), disabled ? 'disabled' : '']),
          'There are no users.',
        ),
    }),
    create: procedureVerb({
      procedure: access.createUser,
      call: (api, input) => api.access.createUser(input),
      arguments: ['name'],
      examples: [
        ['maria', 'then give her a key and a role in a project'],
        ['root2 --admin', 'may manage users and see all keys'],
      ],
      show: ({ name }, { terminal, command }) => terminal.say(`Created ${name}. Next: "${command} key create laptop --user ${name}".`),
    }),
    disable: switched(true, 'Disable a user: the keys end, the schedules pause, files and roles stay'),
    enable: switched(false, 'Let a user in again, with new keys'),
    delete: procedureVerb({
      procedure: access.deleteUser,
      call: (api, input) => api.access.deleteUser(input),
      arguments: ['name'],
      examples: [['maria', 'with her keys and memberships; asks first']],
      confirm: (input) =>
        `Delete the user ${input.name} with all keys and memberships? Kernels with secrets of the user's own and jobs that wait are stopped.`,
      show: (_, { terminal }, { name }) => terminal.say(`Deleted ${name}.`),
    }),
  },
};
