/** Every procedure of the contract with its handler. One that is missing does not compile. */
import type { Access } from '../../domains/access/access.ts';
import type { CapacityView } from '../../domains/capacity/capacity.ts';
import type { Environments } from '../../domains/environments/environments.ts';
import type { Events } from '../../domains/events/events.ts';
import type { Files } from '../../domains/files/files.ts';
import type { GitDomain } from '../../domains/git/git.ts';
import type { Jobs } from '../../domains/jobs/jobs.ts';
import type { Kernels } from '../../domains/kernels/kernels.ts';
import type { Projects } from '../../domains/projects/projects.ts';
import type { Audit } from '../../domains/audit/audit.ts';
import { accessHandlers } from './access.ts';
import { auditHandlers } from './audit.ts';
import { createImplementer } from './base.ts';
import { environmentHandlers } from './environments.ts';
import { eventHandlers } from './events.ts';
import { fileHandlers } from './files.ts';
import { gitHandlers } from './git.ts';
import { executionHandlers, jobHandlers, scheduleHandlers, snapshotHandlers } from './jobs.ts';
import { kernelHandlers } from './kernels.ts';
import { projectHandlers } from './projects.ts';
import type { ApiRouter } from './rest.ts';
import { systemHandlers } from './system.ts';
import { secretHandlers } from './secrets.ts';
import type { Rotation } from '../../domains/secrets/rotation.ts';
import type { Secrets } from '../../domains/secrets/secrets.ts';
import type { System } from '../../domains/system/system.ts';

export type Domains = {
  system: System;
  access: Access;
  projects: Projects;
  capacity: CapacityView;
  files: Files;
  environments: Environments;
  kernels: Kernels;
  jobs: Jobs;
  secrets: Secrets;
  rotation: Rotation;
  git: GitDomain;
  events: Events;
  audit: Audit;
};

export function createRouter(domains: Domains): ApiRouter {
  const { system, access, projects, capacity, files, environments, kernels, jobs, git, events, audit } = domains;
  const os = createImplementer();
  return os.router({
    system: systemHandlers(os, system, capacity),
    access: accessHandlers(os, access, projects),
    projects: projectHandlers(os, projects, capacity),
    files: fileHandlers(os, files),
    environments: environmentHandlers(os, environments),
    kernels: kernelHandlers(os, kernels),
    jobs: jobHandlers(os, jobs, projects),
    executions: executionHandlers(os, jobs.executions, projects),
    snapshots: snapshotHandlers(os, jobs.snapshots),
    schedules: scheduleHandlers(os, jobs.schedules),
    secrets: secretHandlers(os, domains),
    git: gitHandlers(os, git),
    events: eventHandlers(os, events, { projects, access }),
    audit: auditHandlers(os, audit),
  });
}
