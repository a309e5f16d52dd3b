/** `bine completion` */
import { Problem } from '@bine/shared/problems';
import { completionScript, shells, type Shell, type Words } from '../completion.ts';
import { table } from '../table.ts';
import { defineVerb, isGroup, type Group, type Verb } from '../verb.ts';

export const completion = defineVerb<{ shell: string }>({
  summary: 'Print what makes a shell complete our commands',
  examples: [
    ['bash >> ~/.bashrc', 'from the next shell on'],
    ['zsh >> ~/.zshrc', ''],
    ['fish > ~/.config/fish/completions/bine.fish', ''],
  ],
  arguments: [{ name: 'shell', summary: shells.join(', ') }],
  async run({ terminal }, { shell }) {
    if (!(shells as readonly string[]).includes(shell))
      throw new Problem('invalid', `The shell must be one of ${shells.join(', ')}, not "${shell}".`);
    terminal.print(completionScript(shell as Shell, await collectWords()));
  },
});

async function collectWords(): Promise<Words[]> {
  const all: Words[] = [];
  const collect = (path: readonly string[], entry: Verb | (Group & { summary: string })): void => {
    all.push({ path, summary: entry.summary, flags: isGroup(entry) ? [] : flagsOf(entry) });
    if (isGroup(entry)) for (const [word, below] of Object.entries(entry.verbs)) collect([...path, word], below);
  };
  for (const { name, summary, load } of table) collect([name], { ...(await load()), summary });
  return all;
}

function flagsOf(verb: Verb): string[] {
  const own = (verb.options ?? []).map(({ flags }) => /--[a-z-]+/.exec(flags)![0]);
  return [...own, ...(verb.json ? ['--json'] : []), ...(verb.confirm ? ['--yes'] : []), '--help'];
}
