/** `bine logs` */
import { createReadStream } from 'node:fs';
import { stat, watch } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { ifThere } from '@bine/client/node/if-there';
import { Problem } from '@bine/shared/problems';
import { describeLine, logOf } from '../gateway/process.ts';
import { defineVerb, wholeNumber } from '../verb.ts';

export const logs = defineVerb<{ follow?: boolean; lines: number; json?: boolean }>({
  summary: "Show the gateway's log",
  examples: [
    ['-f', 'and what comes, until Ctrl+C'],
    ['-n 1000 --json', 'the last thousand lines as they are written'],
  ],
  options: [
    { flags: '-f, --follow', summary: 'Go on with what comes' },
    { flags: '-n, --lines <N>', summary: 'How many lines', default: 100, parse: wholeNumber(0, 1_000_000) },
  ],
  json: true,
  async run({ home, terminal, signal, command, json }, { follow = false, lines }) {
    const file = logOf(home);
    const show = (line: string) => terminal.print(json ? line : describeLine(line));
    if ((await sizeOf(file)) === null)
      throw new Problem('not-found', `There is no log at ${file}: the gateway was never started. Start it with "${command} up".`);
    let end = 0;
    const last: string[] = [];
    end = await readFrom(file, 0, (line) => {
      last.push(line);
      if (last.length > lines) last.shift();
    });
    last.forEach(show);
    if (!follow) return;
    for await (const { filename } of watch(dirname(file), { signal })) {
      if (filename !== basename(file)) continue;
      // A gateway that starts begins a new file.
      if (((await sizeOf(file)) ?? 0) < end) end = 0;
      end = await readFrom(file, end, show);
    }
  },
});

/** @returns where the last whole line ends */
async function readFrom(file: string, start: number, show: (line: string) => void): Promise<number> {
  const size = (await sizeOf(file)) ?? 0;
  if (size <= start) return start;
  const input = createReadStream(file, { start, end: size - 1 });
  for await (const line of createInterface({ input, crlfDelay: Infinity })) show(line);
  return size;
}

async function sizeOf(file: string): Promise<number | null> {
  const found = await ifThere(stat(file));
  return found && found.size;
}
