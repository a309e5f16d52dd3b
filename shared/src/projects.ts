/** Projects: a folder of files, its members, and what its kernels share. */
import { z } from 'zod';
import { UserName } from './access.ts';
import { InProject, Nothing, ProjectName, Role, Time, procedure } from './base.ts';
import { LimitChanges, ProjectLimits } from './limits.ts';

export const Project = z.object({
  name: ProjectName,
  description: z.string(),
  created: Time,
  deleted: Time.nullable().describe('When it was put into the bin'),
  role: Role.describe('Your role in it'),
  idleMinutes: z.int().describe('Minutes after which an idle kernel ends; 0: never'),
});
export type Project = z.infer<typeof Project>;

export const Member = z.object({ user: UserName, role: Role });
export type Member = z.infer<typeof Member>;

const description = z.string().max(500);
const idleMinutes = z.int().min(0).max(10_080);
const tags = ['Projects'];

export const projects = {
  list: procedure
    .meta({ scope: 'projects:read' })
    .route({ method: 'GET', path: '/projects', summary: 'List the projects you are a member of', tags })
    .input(Nothing)
    .output(z.array(Project)),
  create: procedure
    .meta({ scope: 'projects:write' })
    .route({ method: 'POST', path: '/projects', successStatus: 201, summary: 'Create a project; you become its owner', tags })
    .input(
      z.strictObject({
        name: ProjectName,
        description: description.default(''),
        idleMinutes: idleMinutes.default(720),
      }),
    )
    .output(Project),
  get: procedure
    .meta({ scope: 'projects:read', role: 'viewer' })
    .route({ method: 'GET', path: '/projects/{project}', summary: 'Describe a project', tags })
    .input(InProject)
    .output(Project),
  update: procedure
    .meta({ scope: 'projects:write', role: 'owner' })
    .route({ method: 'PATCH', path: '/projects/{project}', summary: 'Change a project', tags })
    .input(z.strictObject({ project: ProjectName, description: description.optional(), idleMinutes: idleMinutes.optional() }))
    .output(Project),
  delete: procedure
    .meta({ scope: 'projects:write', role: 'owner' })
    .route({ method: 'DELETE', path: '/projects/{project}', summary: 'Put a project into the bin; its kernels end', tags })
    .input(InProject)
    .output(Nothing),
  listBin: procedure
    .meta({ scope: 'projects:read' })
    .route({ method: 'GET', path: '/bin/projects', summary: 'List your projects in the bin', tags })
    .input(Nothing)
    .output(z.array(Project.extend({ id: z.string() }))),
  restore: procedure
    .meta({ scope: 'projects:write' })
    .route({ method: 'POST', path: '/bin/projects/{id}/restore', summary: 'Take a project out of the bin', tags })
    .input(z.strictObject({ id: z.string().max(64) }))
    .output(Project),
  emptyBin: procedure
    .meta({ scope: 'projects:write' })
    .route({ method: 'POST', path: '/bin/projects/empty', summary: 'Delete your projects in the bin for good', tags })
    .input(z.strictObject({ id: z.string().max(64).optional().describe('Only this one') }))
    .output(z.object({ deleted: z.int() })),
  limits: procedure
    .meta({ scope: 'projects:read', role: 'viewer' })
    .route({
      method: 'GET',
      path: '/projects/{project}/limits',
      summary: 'What a project may take of the machine, and what it takes',
      tags,
    })
    .input(InProject)
    .output(ProjectLimits),
  setLimits: procedure
    .meta({ scope: 'projects:write', admin: true })
    .route({ method: 'PATCH', path: '/projects/{project}/limits', summary: 'Change limits of a project; for administrators', tags })
    .input(LimitChanges.extend({ project: ProjectName }))
    .output(ProjectLimits),
  listMembers: procedure
    .meta({ scope: 'projects:read', role: 'viewer' })
    .route({ method: 'GET', path: '/projects/{project}/members', summary: 'List the members of a project', tags })
    .input(InProject)
    .output(z.array(Member)),
  setMember: procedure
    .meta({ scope: 'projects:write', role: 'owner' })
    .route({ method: 'PUT', path: '/projects/{project}/members/{user}', summary: 'Add a member or change the role', tags })
    .input(z.strictObject({ project: ProjectName, user: UserName, role: Role }))
    .output(Member),
  removeMember: procedure
    .meta({ scope: 'projects:write', role: 'owner' })
    .route({ method: 'DELETE', path: '/projects/{project}/members/{user}', summary: 'Remove a member', tags })
    .input(z.strictObject({ project: ProjectName, user: UserName }))
    .output(Nothing),
};
