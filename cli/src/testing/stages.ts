/** The tests in the order in which they run: what each stage needs, the programs it runs, how their counts are read. */
import { readCounts, readPytestCounts, type Counts } from './counts.ts';

/** What has to be installed or started first; see provisions.ts. */
export type Need = 'python' | 'engine' | 'editor' | 'git';

export type Stage = {
  name: string;
  summary: string;
  needs: readonly Need[];
  /** Milliseconds until it counts as failed. */
  deadline: number;
  /** `python`: the folder of the programs that `pip` installed. */
  commands(given: { python: string }): readonly Command[];
};

export type Command = {
  words: readonly string[];
  /** Without it the command itself is one test. */
  counts?: (output: string) => Counts | null;
};

const minute = 60_000;

const reporter = ['--test-reporter=./cli/src/testing/reporter.ts', '--test-reporter-destination=stdout'];

/** `timeout`: milliseconds for each test and suite, so that one that hangs is named. */
function nodeTests(timeout: number, ...globs: string[]): Command {
  const flags = ['--disable-warning=ExperimentalWarning', '--test', `--test-timeout=${timeout}`, ...reporter];
  return { words: ['node', ...flags, ...globs], counts: readCounts };
}

const rooms = '{shared,client,gateway,cli,extension,tools}';

export const stages: readonly Stage[] = [
  {
    name: 'check',
    summary: 'format, lint, types, dead code, contract drift',
    needs: ['python'],
    deadline: 10 * minute,
    commands: ({ python }) => [
      { words: ['oxfmt', '--check'] },
      { words: ['oxlint', '--type-aware'] },
      { words: ['tsc', '-b'] },
      { words: ['knip'] },
      { words: ['node', 'tools/openapi.ts', '--check'] },
      { words: [`${python}/ruff`, 'check', 'images/supervisor'] },
      { words: [`${python}/ruff`, 'format', '--check', 'images/supervisor'] },
    ],
  },
  {
    name: 'unit',
    summary: 'tests beside the code that need nothing else',
    needs: ['git'],
    deadline: 15 * minute,
    commands: () => [nodeTests(5 * minute, `${rooms}/**/!(*.docker).test.ts`, 'test/{*,bench/*}.test.ts')],
  },
  {
    name: 'supervisor',
    summary: "the kernel's supervisor, with real kernels",
    needs: ['python'],
    deadline: 15 * minute,
    commands: ({ python }) => [{ words: [`${python}/pytest`, 'images/supervisor'], counts: readPytestCounts }],
  },
  {
    name: 'contract',
    summary: 'every procedure of the contract, over HTTP',
    needs: ['engine'],
    // On a new engine it builds the base image and an environment, too.
    deadline: 25 * minute,
    commands: () => [nodeTests(15 * minute, 'test/contract/**/*.test.ts')],
  },
  {
    name: 'docker',
    summary: 'tests beside the code that need a container engine',
    needs: ['engine'],
    deadline: 30 * minute,
    commands: () => [nodeTests(15 * minute, `${rooms}/**/*.docker.test.ts`)],
  },
  {
    name: 'vscode',
    summary: 'the extension inside a real VS Code',
    needs: ['engine', 'editor', 'git'],
    deadline: 20 * minute,
    commands: () => [{ words: ['node', 'test/vscode/run.ts'], counts: readCounts }],
  },
  {
    name: 'e2e',
    summary: "a user's day: a browser drives VS Code on a real gateway",
    needs: ['engine', 'editor', 'git'],
    deadline: 30 * minute,
    commands: () => [nodeTests(15 * minute, 'test/e2e/*.e2e.ts')],
  },
  {
    name: 'chaos',
    summary: 'what goes wrong on such a day: kills, lost connections, full disks',
    needs: ['engine', 'git'],
    deadline: 30 * minute,
    commands: () => [nodeTests(15 * minute, 'test/chaos/*.chaos.ts')],
  },
];
