/** `Bine: Configure Limits…`: what a project may take of the machine; for administrators, who see what it takes now. */
import type { Project } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import { askText, pick } from '../vs/ask.ts';
import { describeLimit, limitKeys, limitPrompt, limitWords, readLimit, typedLimit } from './limits.ts';
import type { LimitKey } from './limits.ts';
import type { ProjectDeps } from './projects.ts';

export async function configureLimits({ connection }: ProjectDeps, { name }: Project): Promise<void> {
  const { client } = connection;
  const title = `Limits of ${name}`;
  if (!(await client.access.me({})).user.admin) {
    throw new Problem(
      'missing-role',
      `Only an administrator may change the limits of "${name}"; the project's tooltip shows them. Ask one.`,
    );
  }
  const described = await client.projects.limits({ project: name });
  const key = await pick<LimitKey>(
    limitKeys.map((value) => ({
      label: limitWords[value],
      description: describeLimit(described, value),
      value,
      ...(described.set.includes(value) && { detail: 'Set for this project' }),
    })),
    { title, placeHolder: 'Which limit' },
  );
  const typed = await askText({
    title: `${title}: ${limitWords[key]}`,
    prompt: limitPrompt(key),
    value: typedLimit(described.limits, key),
    problem: (text) => (readLimit(key, text) ? undefined : limitPrompt(key)),
  });
  await client.projects.setLimits({ project: name, ...readLimit(key, typed) });
}
