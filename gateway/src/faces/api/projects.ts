/** The procedures of projects. */
import type { CapacityView } from '../../domains/capacity/capacity.ts';
import type { Projects } from '../../domains/projects/projects.ts';
import type { Implementer } from './base.ts';

export function projectHandlers(os: Implementer, projects: Projects, capacity: CapacityView) {
  return {
    list: os.projects.list.handler(({ context }) => projects.list(context.principal)),
    create: os.projects.create.handler(({ context, input }) => projects.create(context.principal, input)),
    get: os.projects.get.handler(({ context, input }) => projects.get(context.principal, input.project)),
    update: os.projects.update.handler(({ context, input: { project, ...changes } }) =>
      projects.update(context.principal, project, changes),
    ),
    delete: os.projects.delete.handler(async ({ input }) => {
      await projects.delete(input.project);
      return {};
    }),
    listBin: os.projects.listBin.handler(({ context }) => projects.listBin(context.principal)),
    restore: os.projects.restore.handler(({ context, input }) => projects.restore(context.principal, input.id)),
    emptyBin: os.projects.emptyBin.handler(({ context, input }) => projects.emptyBin(context.principal, input.id)),
    limits: os.projects.limits.handler(({ input }) => capacity.limits(input.project)),
    setLimits: os.projects.setLimits.handler(({ input: { project, ...changes } }) => capacity.setLimits(project, changes)),
    listMembers: os.projects.listMembers.handler(({ input }) => projects.listMembers(input.project)),
    setMember: os.projects.setMember.handler(({ input: { project, ...member } }) => projects.setMember(project, member)),
    removeMember: os.projects.removeMember.handler(async ({ input }) => {
      await projects.removeMember(input.project, input.user);
      return {};
    }),
  };
}
