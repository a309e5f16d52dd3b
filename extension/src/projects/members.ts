/** `Bine: Manage Members…`: who is in a project, and as what. */
import type { Member, Project, Role } from '@bine/shared';
import { userName } from '@bine/shared/names';
import { toProblem } from '../connection/problem.ts';
import { type Choice, askText, pick, separator } from '../vs/ask.ts';
import type { ProjectDeps } from './projects.ts';

/** The usual one first, where Enter takes it. */
const roleChoices: Choice<Role>[] = [
  { label: '$(beaker) Data scientist', description: 'runs and edits', value: 'data-scientist' },
  { label: '$(eye) Viewer', description: 'looks only', value: 'viewer' },
  { label: '$(shield) Owner', description: 'manages members and settings', value: 'owner' },
];

const iconOf = (role: Role) => roleChoices.find(({ value }) => value === role)!.label.split(' ')[0]!;

export async function manageMembers({ connection }: ProjectDeps, { name: project }: Project): Promise<void> {
  const { projects } = connection.client;
  const title = `Members of ${project}`;
  const members = await projects.listMembers({ project });
  const chosen = await pick<Member | null>(
    [
      { label: '$(person-add) Add member…', value: null },
      separator('Members'),
      ...members.map((member) => ({
        label: `${iconOf(member.role)} ${member.user}`,
        description: member.role.replace('-', ' '),
        value: member,
      })),
    ],
    { title, placeHolder: 'Choose a member to change' },
  );
  const user = chosen?.user ?? (await askUser(title, await knownUsers(connection, members)));
  const remove: Choice<null> = { label: '$(trash) Remove from the project', value: null };
  const role = await pick<Role | null>([...roleChoices, ...(chosen ? [separator(''), remove] : [])], {
    title: `${user} in ${project}`,
    placeHolder: `What may ${user} do?`,
  });
  await (role ? projects.setMember({ project, user, role }) : projects.removeMember({ project, user }));
}

/** Users that are not in the project yet; none when the key may not see users. */
async function knownUsers({ client }: ProjectDeps['connection'], members: Member[]): Promise<string[]> {
  try {
    const names = (await client.access.listUsers({})).map(({ name }) => name);
    return names.filter((name) => !members.some(({ user }) => user === name));
  } catch (error) {
    const problem = toProblem(error);
    if (problem.code === 'missing-scope' || problem.code === 'missing-role') return [];
    throw problem;
  }
}

async function askUser(title: string, known: string[]): Promise<string> {
  const other = '';
  const choices = known.map((name) => ({ label: `$(person) ${name}`, value: name }));
  const chosen = known.length > 0 ? await pick<string>([...choices, { label: '$(edit) Another user…', value: other }], { title }) : other;
  if (chosen !== other) return chosen;
  return askText({
    title,
    prompt: 'Name of the user',
    problem: (text) => (userName.pattern.test(text) ? undefined : `In the name of a user ${userName.hint}.`),
  });
}
