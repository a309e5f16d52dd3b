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
  const inOperation = { project, operation: 'nooperation' };
  const inFiles = { project, paths: ['nothing.txt'] };
  const at = { project, path: 'nothing.txt' };
  const move = { project, from: 'nothing.txt', to: 'other.txt' };
  return {
    system: { health: {}, status: {}, capacity: {} },
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
      limits: inProject,
      setLimits: { project, queued: 10 },
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
    secrets: {
      list: inProject,
      set: { project, name: 'SAMPLE', value: 'sample' },
      remove: { project, name: 'SAMPLE' },
      listMine: {},
      setMine: { name: 'SAMPLE', value: 'sample' },
      removeMine: { name: 'SAMPLE' },
    },
    git: {
      credentials: {},
      setCredential: { host: 'git.example.org', token: 'sample' },
      deleteCredential: { host: 'git.example.org' },
      identity: {},
      setIdentity: { name: 'Ann', email: 'ann@example.org' },
      operations: inProject,
      follow: inOperation,
      cancel: inOperation,
      clone: { project, url: 'https://127.0.0.1:1/nothing.git' },
      fetch: inProject,
      pull: inProject,
      push: inProject,
      repositories: inProject,
      status: inProject,
      diff: inProject,
      log: inProject,
      branches: inProject,
      remotes: inProject,
      stashes: inProject,
      stage: inFiles,
      unstage: inFiles,
      discard: inFiles,
      commit: { project, message: 'sample' },
      createBranch: { project, name: 'sample' },
      checkout: { project, ref: 'sample' },
      renameBranch: { project, name: 'sample', to: 'other' },
      deleteBranch: { project, name: 'sample' },
      setRemote: { project, name: 'origin', url: 'https://git.example.org/sample.git' },
      removeRemote: { project, name: 'origin' },
      stash: inProject,
      applyStash: inProject,
      dropStash: { project, index: 0 },
      abort: inProject,
      unlock: inProject,
    },
    events: { subscribe: {} },
  };
}
