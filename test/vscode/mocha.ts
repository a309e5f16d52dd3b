/** Runs suites inside the real extension host and reads their counts from mocha's own report. */
import { once } from 'node:events';
import { format } from 'node:util';
import { startWorkbench } from './workbench.ts';

export type Counts = { passed: number; failed: number; report: string };

export type MochaOptions = {
  extension: string;
  /** Module with the `run()` that runs the suites with mocha's `spec` reporter. */
  tests: string;
  home?: string;
  folder?: string;
  /** Only the tests whose titles have this. */
  grep?: string;
  signal: AbortSignal;
};

const count = (report: string, word: string) => Number(report.match(new RegExp(`^\\s*(\\d+) ${word}\\b`, 'm'))?.[1] ?? 0);

/** @throws if the suites end without a report, with what the editor said */
export async function runMocha({ extension, tests, home, folder, grep, signal }: MochaOptions): Promise<Counts> {
  await using workbench = await startWorkbench({
    extension,
    tests,
    ...(home !== undefined && { home }),
    ...(grep && { env: { BINE_TEST_GREP: grep } }),
  });
  const ended = new EventTarget();
  const lines: string[] = [];
  let code = -1;
  const window = await workbench.open({
    ...(folder !== undefined && { folder }),
    prepare: async (page) => {
      // VS Code calls these two where they exist; so do its own browser tests.
      await page.exposeFunction('codeAutomationLog', (_level: string, args: unknown[]) => lines.push(format(...args)));
      await page.exposeFunction('codeAutomationExit', (exit: number) => {
        code = exit;
        ended.dispatchEvent(new Event('exit'));
      });
    },
  });
  if (code === -1) await once(ended, 'exit', { signal });
  // Mocha's report begins with an empty line; before it the editor talks.
  const report = lines.slice(lines.findIndex((line) => line.trim() === '')).join('\n');
  const counts = { passed: count(report, 'passing'), failed: count(report, 'failing'), report };
  if (counts.passed + counts.failed === 0 || (code !== 0 && counts.failed === 0)) {
    throw new Error(`The suites ended with ${code} and no report:\n${report}\n${window.console().join('\n')}\n${workbench.output()}`);
  }
  return counts;
}
