/** `bine completion` */
import { Problem } from '@bine/shared/problems';
import { completionScript, shells, type Shell, type Words } from '../completion.ts';
import { table } from '../table.ts';
import { defineVerb, isGroup, type Verb } from '../verb.ts';

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
  for (const { name, summary, load } of table) {
    const loaded = await load();
    if (!isGroup(loaded)) all.push({ path: [name], summary, flags: flagsOf(loaded) });
    else {
      all.push({ path: [name], summary, flags: [] });
      for (const [word, verb] of Object.entries(loaded.verbs))
        all.push({ path: [name, word], summary: verb.summary, flags: flagsOf(verb) });
    }
  }
  return all;
}

function flagsOf(verb: Verb): string[] {
  const own = (verb.options ?? []).map(({ flags }) => /--[a-z-]+/.exec(flags)![0]);
  return [...own, ...(verb.json ? ['--json'] : []), ...(verb.confirm ? ['--yes'] : []), '--help'];
}
