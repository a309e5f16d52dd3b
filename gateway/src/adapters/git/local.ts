/** Commands in a repository that reach no network and know no secret. */
import { Problem } from '@bine/shared/problems';
import { failureOf } from './failures.ts';
import type { Operation } from '../../ports/git/operation.ts';
import { refuseElsewhere } from './real-repository.ts';
import { run } from './run.ts';
import { inProject } from './sandbox.ts';
import { configurationIn, harmlessConfiguration, repositoryEnvironment } from './configuration.ts';
import { always, environmentOf } from './settings.ts';
import type { Local, LocalOptions, Setting, Where } from '../../ports/git/repository.ts';

const second = 1000;
const defaultDeadline = 120 * second;
const defaultMost = 32 * 2 ** 20;

export function createLocal(): Local {
  async function git<T>(where: Where, operation: Operation<T>, options: LocalOptions & { configuration: string }): Promise<T> {
    const { signal, identity = null, configuration } = options;
    const deadline = AbortSignal.timeout(operation.deadline ?? defaultDeadline);
    const environment = {
      ...environmentOf(always, identity),
      ...repositoryEnvironment(where.path, operation.configures ? 'own' : 'harmless'),
      ...(operation.reads && { GIT_OPTIONAL_LOCKS: '0' }),
      ...operation.environment,
    };
    const output = await run({
      sandbox: {
        ...inProject(where.files, where.path),
        ...(!operation.configures && { own: configurationIn(where.path, configuration) }),
      },
      user: where.owner,
      program: [...(operation.reads || operation.configures ? [] : makeFolders), 'git', ...operation.arguments],
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

  async function readSettings(where: Where, signal: AbortSignal): Promise<Setting[]> {
    const settings = await git(where, listSettings('config'), { signal, configuration: '' });
    // As Git takes it: the last one holds. A sparse checkout keeps what it says of itself in that other file.
    const isSplit = settings.findLast(({ name }) => name === 'extensions.worktreeconfig')?.value;
    if (!isTrue(isSplit)) return settings;
    return [...settings, ...(await git(where, listSettings('config.worktree'), { signal, configuration: '' }))];
  }

  return {
    async open(where, signal) {
      await refuseElsewhere(where);
      let settings = await readSettings(where, signal);
      return {
        where,
        get settings() {
          return settings;
        },
        async run(operation, options) {
          const result = await git(where, operation, { ...options, configuration: harmlessConfiguration(settings) });
          if (operation.configures && !operation.reads) settings = await readSettings(where, options.signal);
          return result;
        },
      };
    },
  };
}

/** A folder that is missing can't be made through a link to it. Where it can't be made, Git says so itself. */
const makeFolders = ['/bin/sh', '-c', 'mkdir -p "$GIT_DIR/logs" "$GIT_DIR/info" "$GIT_DIR/rr-cache" 2> /dev/null; exec "$@"', 'sh'];

/** Of that file alone, whatever it includes. */
const listSettings = (file: 'config' | 'config.worktree'): Operation<Setting[]> => ({
  what: "read the repository's configuration",
  arguments: ['config', '--file', `.git/${file}`, '--no-includes', '--list', '-z'],
  reads: true,
  configures: true,
  most: 4 * 2 ** 20,
  // The second file may be missing.
  ...(file === 'config.worktree' && { otherwise: [1, 128] }),
  parse: ({ text }) => parseSettings(text),
});

const isTrue = (value: string | undefined): boolean => value !== undefined && /^(?:true|yes|on|-?[1-9]\d*)$/i.test(value);

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
