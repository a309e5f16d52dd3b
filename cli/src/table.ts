/** Every word that may follow `bine`. A verb's file is loaded when it is called, so that the others cost nothing. */
import type { Group, Verb } from './verb.ts';

export type Entry = { name: string; summary: string; load(): Promise<Verb | Group> };

export const table: readonly Entry[] = [
  {
    name: 'quickstart',
    summary: 'Set everything up and run the sample project',
    load: async () => (await import('./verbs/quickstart.ts')).quickstart,
  },
  { name: 'code', summary: 'Open VS Code on Bine', load: async () => (await import('./verbs/code.ts')).code },
  { name: 'up', summary: 'Start the gateway in the background', load: async () => (await import('./verbs/up.ts')).up },
  { name: 'down', summary: 'Stop the gateway; kernels go on', load: async () => (await import('./verbs/down.ts')).down },
  { name: 'status', summary: 'What is running', load: async () => (await import('./verbs/status.ts')).status },
  {
    name: 'doctor',
    summary: 'Find what is wrong, and the command that mends it',
    load: async () => (await import('./verbs/doctor.ts')).doctor,
  },
  { name: 'logs', summary: "Show the gateway's log", load: async () => (await import('./verbs/logs.ts')).logs },
  { name: 'run', summary: 'Run a notebook from its first cell to its last', load: async () => (await import('./verbs/run.ts')).run },
  { name: 'project', summary: 'Projects, their members and their bin', load: async () => (await import('./verbs/project.ts')).project },
  { name: 'ls', summary: 'List the files of a project', load: async () => (await import('./verbs/ls.ts')).ls },
  { name: 'cp', summary: 'Copy files to a project and from it', load: async () => (await import('./verbs/cp.ts')).cp },
  { name: 'env', summary: 'Python environments', load: async () => (await import('./verbs/env.ts')).env },
  { name: 'kernel', summary: 'Kernels', load: async () => (await import('./verbs/kernel.ts')).kernel },
  {
    name: 'job',
    summary: 'Programs run to their end: jobs, executions and schedules',
    load: async () => (await import('./verbs/job.ts')).job,
  },
  {
    name: 'git',
    summary: 'Git in projects: repositories, commits, branches, tokens',
    load: async () => (await import('./verbs/git.ts')).git,
  },
  {
    name: 'secret',
    summary: 'Secrets of projects and of yours, for jobs and kernels',
    load: async () => (await import('./verbs/secret.ts')).secret,
  },
  { name: 'key', summary: 'API keys', load: async () => (await import('./verbs/key.ts')).key },
  { name: 'user', summary: 'Users', load: async () => (await import('./verbs/user.ts')).user },
  { name: 'audit', summary: 'Who did what, for administrators', load: async () => (await import('./verbs/audit.ts')).audit },
  { name: 'events', summary: 'Watch what changes', load: async () => (await import('./verbs/events.ts')).events },
  {
    name: 'completion',
    summary: 'Complete commands in bash, zsh or fish',
    load: async () => (await import('./verbs/completion.ts')).completion,
  },
  { name: 'test', summary: "Run Bine's own tests", load: async () => (await import('./verbs/test.ts')).test },
];
