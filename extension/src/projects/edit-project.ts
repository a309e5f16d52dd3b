/** `Bine: Edit Project…`: what it is for, and when its idle kernels end. */
import type { Project } from '@bine/shared';
import { askText, pick } from '../vs/ask.ts';
import { duration } from '../vs/units.ts';
import type { ProjectDeps } from './projects.ts';

const minute = 60_000;

export async function editProject({ connection }: ProjectDeps, project: Project): Promise<void> {
  const { name } = project;
  const field = await pick<'description' | 'idleMinutes'>(
    [
      { label: '$(edit) Description', description: project.description || 'none yet', value: 'description' },
      { label: '$(watch) Idle kernels end', description: idle(project.idleMinutes), value: 'idleMinutes' },
    ],
    { title: `Edit Project ${name}` },
  );
  if (field === 'description') {
    const description = await askText({
      title: `Edit Project ${name}`,
      prompt: 'What the project is for',
      value: project.description,
      problem: (text) => (text.length > 500 ? `${text.length - 500} characters too long.` : undefined),
    });
    await connection.client.projects.update({ project: name, description });
  } else {
    const choices = [15, 60, 240, 720, 1440, 10_080, 0].map((value) => ({
      label: idle(value),
      value,
      ...(value === project.idleMinutes && { description: 'now' }),
    }));
    const idleMinutes = await pick<number>(choices, { title: 'Idle kernels end', placeHolder: 'Outputs are kept in any case' });
    await connection.client.projects.update({ project: name, idleMinutes });
  }
}

function idle(minutes: number): string {
  return minutes === 0 ? 'never' : `after ${duration(minutes * minute)} without work`;
}
