/** A good input for each procedure of the contract. One that is missing does not compile. */
import type { InferContractRouterInputs } from '@orpc/contract';
import type { Contract } from '@bine/shared';

export type Samples = InferContractRouterInputs<Contract>;

/** @param project of which the caller is owner */
export function samples(project: string): Samples {
  const inProject = { project };
  const inKernel = { project, kernel: 'nokernel' };
  const inEnvironment = { project, environment: 'python-training' };
  const inJob = { project, job: 'nojob' };
  const inExecution = { project, execution: 'noexecution' };
  const at = { project, path: 'nothing.txt' };
  const move = { project, from: 'nothing.txt', to: 'other.txt' };
  return {
    system: { health: {}, status: {} },
    access: {
      me: {},
      listKeys: {},
      createKey: { name: 'sample' },
      revokeKey: { key: 'nokey' },
      listUsers: {},
      createUser: { name: 'sample' },
      deleteUser: { name: 'nobody' },
    },
    projects: {
      list: {},
      create: { name: 'sample' },
      get: inProject,
      update: { project, description: 'better' },
      delete: inProject,
      listBin: {},
      restore: { id: 'noproject' },
      emptyBin: { id: 'noproject' },
      listMembers: inProject,
      setMember: { project, user: 'nobody', role: 'viewer' },
      removeMember: { project, user: 'nobody' },
    },
    files: {
      list: inProject,
      stat: at,
      mkdir: at,
      rename: move,
      copy: move,
      delete: at,
      listBin: inProject,
      restore: { project, id: 'nofile' },
      emptyBin: inProject,
      watch: inProject,
    },
    environments: {
      list: inProject,
      get: inEnvironment,
      build: inEnvironment,
      cancelBuild: inEnvironment,
      log: inEnvironment,
      packages: inEnvironment,
      users: inEnvironment,
      search: { ...inEnvironment, text: 'seaborn' },
      clone: { ...inEnvironment, name: 'mine' },
      update: { ...inEnvironment, description: 'better' },
      delete: inEnvironment,
      preview: { ...inEnvironment, install: ['seaborn'] },
      change: { ...inEnvironment, install: ['seaborn'] },
      changes: inEnvironment,
      cancelChange: { ...inEnvironment, change: 'nochange' },
      revisions: inEnvironment,
      revision: { ...inEnvironment, revision: 1 },
      rollback: { ...inEnvironment, revision: 1 },
    },
    kernels: {
      start: inEnvironment,
      list: inProject,
      get: inKernel,
      executions: inKernel,
      interrupt: inKernel,
      restart: inKernel,
      shutdown: inKernel,
    },
    jobs: {
      list: inProject,
      get: inJob,
      put: { ...inJob, path: 'train.py', environment: 'python-training' },
      delete: inJob,
      run: inJob,
    },
    executions: {
      list: inProject,
      get: inExecution,
      stop: inExecution,
      rerun: inExecution,
      log: inExecution,
      usage: inExecution,
      results: inExecution,
    },
    snapshots: { create: { project, manifest: '0'.repeat(64) } },
    schedules: {
      list: inProject,
      create: { ...inJob, cron: '0 6 * * *' },
      update: { project, schedule: 'noschedule' },
      delete: { project, schedule: 'noschedule' },
    },
    events: { subscribe: {} },
  };
}
