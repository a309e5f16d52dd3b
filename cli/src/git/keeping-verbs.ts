/** The verbs of `bine git` for remotes and for what is put aside. */
import { contract } from '@bine/shared';
import { procedureVerb } from '../procedure-verb.ts';
import { formatAge } from '../terminal.ts';
import type { Verb } from '../verb.ts';
import { located } from './located.ts';
import { repository, showRemotes } from './looking.ts';
import { showStatus } from './show.ts';

const { git } = contract;

export const remoteVerbs = {
  set: procedureVerb({
    procedure: git.setRemote,
    call: async (api, input) => api.git.setRemote(await located(api, input)),
    arguments: ['name', 'url'],
    wording: repository,
    examples: [['origin https://git.example.org/team/churn.git -p churn', 'added, or its URL changed']],
    show: (all, { terminal }) => showRemotes(all, terminal),
  }),
  remove: procedureVerb({
    procedure: git.removeRemote,
    call: async (api, input) => api.git.removeRemote(await located(api, input)),
    arguments: ['name'],
    wording: repository,
    examples: [['backup -p churn', 'here only; asks first']],
    confirm: ({ name }) => `Remove the remote ${name}, with what is known of its branches?`,
    show: (_, { terminal }, { name }) => terminal.say(`Removed ${name}.`),
  }),
} satisfies Record<string, Verb>;

export const stashVerbs = {
  push: procedureVerb({
    procedure: git.stash,
    call: async (api, input) => api.git.stash(await located(api, input)),
    wording: { ...repository, message: { flags: '-m, --message <text>', summary: 'What it is' } },
    examples: [
      ['-p churn', ''],
      ['-m "Half of the trees" --untracked -p churn', 'new files, too'],
    ],
    show: showStatus,
  }),
  list: procedureVerb({
    procedure: git.stashes,
    call: async (api, input) => api.git.stashes(await located(api, input)),
    wording: repository,
    examples: [['-p churn', 'newest first']],
    show: (all, { terminal }) =>
      terminal.printTable(
        ['index', 'when', 'what'],
        all.map(({ index, time, message }) => [String(index), formatAge(time), message]),
        'Nothing was put aside.',
      ),
  }),
  apply: procedureVerb({
    procedure: git.applyStash,
    call: async (api, input) => api.git.applyStash(await located(api, input)),
    arguments: ['index'],
    wording: { ...repository, drop: { flags: '--no-drop', summary: 'Keep it in the list' } },
    examples: [
      ['-p churn', 'the newest; it is forgotten when there was no conflict'],
      ['2 --no-drop -p churn', 'an older one, which stays in the list'],
    ],
    show: showStatus,
  }),
  drop: procedureVerb({
    procedure: git.dropStash,
    call: async (api, input) => api.git.dropStash(await located(api, input)),
    arguments: ['index'],
    wording: repository,
    examples: [['0 -p churn', 'asks first']],
    confirm: ({ index, project }) => `Forget what was put aside as ${index} in ${project}, for good?`,
    show: (_, { terminal }, { index }) => terminal.say(`Forgot ${index}. Those below it moved up.`),
  }),
} satisfies Record<string, Verb>;
