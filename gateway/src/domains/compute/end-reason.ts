/** Why a workload ended, in a sentence for the person whose it was. */
import type { EndReason } from '../../ports/compute.ts';

type Sentences = { [T in EndReason['type']]: (end: Extract<EndReason, { type: T }>, memory: number) => string };

const sentences: Sentences = {
  removed: () => 'Its container was removed by something other than Bine.',
  'out-of-memory': (_, memory) => `It ran out of memory: its limit is ${memory} MiB. Start it with more, or load less at once.`,
  'not-started': ({ detail }) => `Its container could not be run: ${detail}`,
  signalled: ({ signal }) =>
    signal === 'SIGKILL'
      ? 'It was killed (SIGKILL) from outside, or the container engine was restarted.'
      : `It was ended by the signal ${signal}.`,
  exited: ({ exitCode }) =>
    exitCode === 0 ? 'Its container was stopped from outside.' : `Its container ended with exit code ${exitCode}.`,
};

/** @param memory its limit in MiB */
export function describeEnd(end: EndReason, memory: number): string {
  const describe = sentences[end.type] as (end: EndReason, memory: number) => string;
  return describe(end, memory);
}

/** null: it never ran, or nothing is left of it. */
export const exitCodeOf = (end: EndReason): number | null => ('exitCode' in end ? end.exitCode : null);
