/** `bine test` */
import { Problem } from '@bine/shared/problems';
import { runTests } from '../testing/run-tests.ts';
import { stages } from '../testing/stages.ts';
import { defineVerb } from '../verb.ts';

const names = stages.map(({ name }) => name);

export const test = defineVerb<{ only?: string[]; list?: boolean }>({
  summary: "Run Bine's own tests, and install what they need",
  examples: [
    ['', 'all of them'],
    ['--only check --only unit', 'only these stages, in their order'],
    ['--list', 'the stages'],
  ],
  options: [
    { flags: '--only <name>', summary: 'Only this stage', choices: names, many: true },
    { flags: '--list', summary: 'Say which stages there are' },
  ],
  async run(context, { only, list = false }) {
    const { terminal } = context;
    if (list) {
      return terminal.printTable(
        ['stage', 'what it tests'],
        stages.map(({ name, summary }) => [name, summary]),
        '',
      );
    }
    const chosen = stages.filter(({ name }) => only?.includes(name) ?? true);
    if (chosen.length === 0) throw new Problem('invalid', `There is no such stage; there are ${names.join(', ')}.`);
    const { failed } = await runTests(chosen, context);
    return failed > 0 ? 1 : 0;
  },
});
