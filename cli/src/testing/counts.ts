/** How many tests passed and failed, as each kind of runner says it. */

export type Counts = { passed: number; failed: number };

/** Our own runners, and node:test through our reporter, end with this line. */
export function formatCounts({ passed, failed }: Counts): string {
  return `${passed} passed, ${failed} failed`;
}

export function addCounts(all: readonly Counts[]): Counts {
  return { passed: sum(all.map(({ passed }) => passed)), failed: sum(all.map(({ failed }) => failed)) };
}

/** null: the runner ended before it could count. */
export function readCounts(output: string): Counts | null {
  const match = [...output.matchAll(/^(\d+) passed, (\d+) failed$/gm)].at(-1);
  return match ? { passed: Number(match[1]), failed: Number(match[2]) } : null;
}

/** pytest's last line, `1 failed, 41 passed, 1 skipped in 12.3s`. What was skipped has not passed. */
export function readPytestCounts(output: string): Counts | null {
  const line = output.split('\n').findLast((text) => / in [\d.]+s/.test(text));
  if (!line) return null;
  const of = (word: string) => sum([...line.matchAll(new RegExp(String.raw`(\d+) ${word}`, 'g'))].map((match) => Number(match[1])));
  return { passed: of('passed'), failed: of('failed') + of('error') + of('skipped') + of('xfailed') };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
