/** Runs the suites inside the real extension host, against the real gateway whose project `suites` is open: those that BINE_TEST_GREP matches. */
import Mocha from 'mocha';

export async function run(): Promise<void> {
  const grep = process.env['BINE_TEST_GREP'];
  const mocha = new Mocha({ ui: 'bdd', reporter: 'spec', color: false, timeout: 180_000, ...(grep && { grep }) });
  mocha.suite.emit('pre-require', globalThis, '', mocha);
  await Promise.all([
    import('./connection.suite.ts'),
    import('./files.suite.ts'),
    import('./saving.suite.ts'),
    import('./projects.suite.ts'),
    import('./environments.suite.ts'),
    import('./git.suite.ts'),
    import('./jobs.suite.ts'),
    import('./kernels.suite.ts'),
    import('./notebooks.suite.ts'),
    import('./writing.suite.ts'),
    import('./new-notebook.suite.ts'),
    import('./links.suite.ts'),
    import('./libraries.suite.ts'),
  ]);
  const failures = await new Promise<number>((resolve) => mocha.run(resolve));
  if (failures > 0) throw new Error(`${failures} failed`);
}
