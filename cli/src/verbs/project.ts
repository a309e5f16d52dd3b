/** `bine project …` */
import { contract } from '@bine/shared';
import type { Project } from '@bine/shared';
import { showLimits } from '../limits.ts';
import { procedureVerb } from '../procedure-verb.ts';
import { formatAge } from '../terminal.ts';
import type { Context, Group } from '../verb.ts';

const { projects } = contract;

function describe(project: Project, { terminal }: Context): void {
  const idle = project.idleMinutes === 0 ? 'never' : `${project.idleMinutes} min`;
  terminal.print(`${terminal.style('bold', project.name)}  ${project.description}`.trimEnd());
  terminal.print(`  you are        ${project.role}`);
  terminal.print(`  created        ${project.created}`);
  terminal.print(`  idle kernels end after  ${idle}`);
}

export const project: Group = {
  verbs: {
    list: procedureVerb({
      procedure: projects.list,
      call: (api, input) => api.projects.list(input),
      examples: [['', 'the projects you are a member of']],
      show: (all, { terminal, command }) =>
        terminal.printTable(
          ['name', 'role', 'created', 'description'],
          all.map(({ name, role, created, description }) => [name, role, formatAge(created), description]),
          `You are in no project. Create one with "${command} project create NAME".`,
        ),
    }),
    show: procedureVerb({
      procedure: projects.get,
      call: (api, input) => api.projects.get(input),
      arguments: ['project'],
      examples: [['churn', 'what there is to know about it']],
      show: describe,
      async after(context, { project }) {
        showLimits(await (await context.client()).api.projects.limits({ project }), context);
      },
    }),
    create: procedureVerb({
      procedure: projects.create,
      call: (api, input) => api.projects.create(input),
      arguments: ['name'],
      examples: [
        ['churn', 'you become its owner'],
        ['churn --description "Who leaves, and why"', ''],
      ],
      show: ({ name }, { terminal, command }) => terminal.say(`Created ${name}. Open it with "${command} code ${name}".`),
    }),
    update: procedureVerb({
      procedure: projects.update,
      call: (api, input) => api.projects.update(input),
      arguments: ['project'],
      examples: [['churn --idle-minutes 60', 'kernels that nobody used for an hour end']],
      show: describe,
    }),
    limits: procedureVerb({
      procedure: projects.setLimits,
      summary: 'What a project may take of the machine, and what it takes; administrators change it with the options',
      call: (api, { project, ...changes }) =>
        Object.keys(changes).length === 0 ? api.projects.limits({ project }) : api.projects.setLimits({ project, ...changes }),
      arguments: ['project'],
      examples: [
        ['churn', 'its limits and what it uses of them'],
        ['churn --cores 4 --memory 16384 --kernels 3', 'for administrators'],
        ['churn --disk none --cores default', 'no limit, and what the gateway gives every project'],
        ['churn --weight 2', 'twice the share of the queue'],
      ],
      show: showLimits,
    }),
    delete: procedureVerb({
      procedure: projects.delete,
      call: (api, input) => api.projects.delete(input),
      arguments: ['project'],
      examples: [
        ['churn', 'asks first'],
        ['churn --yes', 'does not ask'],
      ],
      confirm: (input) => `Put the project ${input.project} into the bin and end its kernels?`,
      show: (_, { terminal, command }, { project }) => terminal.say(`${project} is in the bin; see "${command} project bin".`),
    }),
    bin: procedureVerb({
      procedure: projects.listBin,
      call: (api, input) => api.projects.listBin(input),
      examples: [['', 'projects that were deleted, with the id that "restore" takes']],
      show: (all, { terminal }) =>
        terminal.printTable(
          ['id', 'name', 'deleted', 'description'],
          all.map(({ id, name, deleted, description }) => [id, name, deleted ? formatAge(deleted) : '', description]),
          'The bin is empty.',
        ),
    }),
    restore: procedureVerb({
      procedure: projects.restore,
      call: (api, input) => api.projects.restore(input),
      arguments: ['id'],
      examples: [['Qm3xW8', 'the id is in "project bin"']],
      show: ({ name }, { terminal }) => terminal.say(`${name} is back.`),
    }),
    'empty-bin': procedureVerb({
      procedure: projects.emptyBin,
      call: (api, input) => api.projects.emptyBin(input),
      examples: [
        ['', 'asks first'],
        ['--id Qm3xW8', 'only that one'],
      ],
      confirm: (input) => (input.id ? `Delete project ${input.id} for good?` : 'Delete all projects in the bin for good?'),
      show: ({ deleted }, { terminal }) => terminal.say(`Deleted ${deleted} for good.`),
    }),
    members: procedureVerb({
      procedure: projects.listMembers,
      call: (api, input) => api.projects.listMembers(input),
      arguments: ['project'],
      examples: [['churn', 'who is in it']],
      show: (all, { terminal }) =>
        terminal.printTable(
          ['user', 'role'],
          all.map(({ user, role }) => [user, role]),
          'It has no members.',
        ),
    }),
    'set-member': procedureVerb({
      procedure: projects.setMember,
      call: (api, input) => api.projects.setMember(input),
      arguments: ['project', 'user', 'role'],
      examples: [['churn maria data-scientist', 'add her, or change her role']],
      show: ({ user, role }, { terminal }, { project }) => terminal.say(`${user} is ${role} in ${project}.`),
    }),
    'remove-member': procedureVerb({
      procedure: projects.removeMember,
      call: (api, input) => api.projects.removeMember(input),
      arguments: ['project', 'user'],
      examples: [['churn maria', 'asks first']],
      confirm: (input) => `Remove ${input.user} from ${input.project}?`,
      show: (_, { terminal }, { project, user }) => terminal.say(`${user} is no longer in ${project}.`),
    }),
  },
};
