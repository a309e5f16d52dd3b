/** Commands in a repository that reach no network and know no secret. */
import { Problem } from '@bine/shared/problems';
import type { Owner } from '../disk/copy-tree.ts';
import { failureOf } from './failures.ts';
import type { Operation } from './operation.ts';
import { refuseElsewhere } from './real-repository.ts';
import { run } from './run.ts';
import { inProject } from './sandbox.ts';
import { always, environmentOf, overrides, repositoryEnvironment } from './settings.ts';
import type { Identity, Setting } from './settings.ts';

/** A project's folder on this machine, and who Git runs as in it: the owner of its files. */
export type Files = { files: string; owner: Owner };

/** A repository: of which project, and the path in it. */
export type Where = Files & { path: string };

export type LocalOptions = { signal: AbortSignal; identity?: Identity | null };

/** Runs Git in a repository whose configuration was read. */
export type Run = <T>(operation: Operation<T>, options: LocalOptions) => Promise<T>;

export type OpenRepository = { where: Where; settings: readonly Setting[]; run: Run };

export type Local = {
  /** @throws Problem `not-found` where there is no repository, `path-refused` for one whose .git is elsewhere */
  open(where: Where, signal: AbortSignal): Promise<OpenRepository>;
};

const second = 1000;
const defaultDeadline = 120 * second;
const defaultMost = 32 * 2 ** 20;

export function createLocal(): Local {
  async function git<T>(where: Where, operation: Operation<T>, options: LocalOptions & { settings: readonly Setting[] }): Promise<T> {
    const { signal, identity = null, settings } = options;
    const deadline = AbortSignal.timeout(operation.deadline ?? defaultDeadline);
    const environment = {
      ...environmentOf([...always, ...overrides(settings)], identity),
      ...repositoryEnvironment(where.path),
      ...(operation.reads && { GIT_OPTIONAL_LOCKS: '0' }),
      ...operation.environment,
    };
    const output = await run({
      sandbox: inProject(where.files, where.path),
      user: where.owner,
      program: ['git', ...operation.arguments],
      environment,
      most: operation.most ?? defaultMost,
      signal: AbortSignal.any([signal, deadline]),
      ...(operation.input !== undefined && { input: operation.input }),
    }).catch((error: unknown) => {
      throw endedEarly(error, { what: operation.what, signal, deadline });
    });
    const text = output.stdout.toString();
    if (output.code !== 0 && !operation.otherwise?.includes(output.code))
      throw failureOf(operation.what, `${output.stderr}\n${text.slice(0, 4096)}`);
    return operation.parse({ ...output, text });
  }

  return {
    async open(where, signal) {
      await refuseElsewhere(where);
      const settings = await git(where, listSettings, { signal, settings: [] });
      return { where, settings, run: (operation, options) => git(where, operation, { ...options, settings }) };
    },
  };
}

const listSettings: Operation<Setting[]> = {
  what: "read the repository's configuration",
  arguments: ['config', '--list', '-z'],
  reads: true,
  most: 4 * 2 ** 20,
  // Ours come last, from the environment, and are none of the repository's.
  parse: ({ text }) => parseSettings(text).slice(0, -always.length),
};

/** As `git config --list -z` says it: the name, a line break, the value; no line break where there is none. */
export function parseSettings(text: string): Setting[] {
  return text
    .split('\0')
    .slice(0, -1)
    .map((entry) => {
      const end = entry.indexOf('\n');
      return end < 0 ? { name: entry, value: 'true' } : { name: entry.slice(0, end), value: entry.slice(end + 1) };
    });
}

type Ended = { what: string; signal: AbortSignal; deadline: AbortSignal };

export function endedEarly(error: unknown, { what, signal, deadline }: Ended): unknown {
  if (signal.aborted)
    return signal.reason instanceof Problem
      ? signal.reason
      : new Problem('cancelled', `It was cancelled, so Git did not ${what}.`, { cause: error });
  if (deadline.aborted) return new Problem('timeout', `Git could not ${what} in time, and was ended.`, { cause: error });
  return error;
}
