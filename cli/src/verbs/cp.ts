/** `bine cp` */
import { createLeftOut } from '@bine/client/node/left-out';
import { Problem } from '@bine/shared/problems';
import { download, parseRemote, upload } from '../project-files.ts';
import { lineText } from '../terminal.ts';
import { defineVerb } from '../verb.ts';

export const cp = defineVerb<{ from: string; to: string }>({
  summary: 'Copy a file, or a folder with all that is in it, to a project or from it',
  examples: [
    ['customers.csv churn:data', 'into the folder data of the project churn'],
    ['churn:models/churn.joblib .', 'to this folder'],
    ['churn: backup', 'the whole project'],
  ],
  arguments: [
    { name: 'from', summary: 'A path, or PROJECT:PATH' },
    { name: 'to', summary: 'A path, or PROJECT:PATH' },
  ],
  async run(context, { from, to }) {
    const [source, target] = [parseRemote(from), parseRemote(to)];
    if (!source === !target) throw new Problem('invalid', 'One of the two must be in a project (PROJECT:PATH), the other on this machine.');
    const { signal, step, terminal } = context;
    const client = await context.client();
    const leftOut = createLeftOut();
    await step('Copying', async (report) => {
      const copying = { client, signal, report, leftOut };
      const files = source ? await download(source, to, copying) : await upload(from, target!, copying);
      return `${files} ${files === 1 ? 'file' : 'files'}`;
    });
    for (const sentence of leftOut.sentences()) terminal.say(lineText(sentence));
  },
});
