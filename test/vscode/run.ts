/** Runs the extension's suites inside the real editor, or the tests whose titles have the words given, and prints their report. Exits with 1 if one failed. */
import { join, resolve } from 'node:path';
import { buildExtension, extension } from './extension.ts';
import { startGateway } from './gateway.ts';
import { runMocha } from './mocha.ts';

await buildExtension();
await using gateway = await startGateway();
await gateway.api.projects.create({ name: 'suites' });
const { passed, failed, report } = await runMocha({
  extension,
  tests: resolve(join(extension, 'dist/test/index.cjs')),
  home: gateway.home,
  folder: 'bine:/suites',
  grep: process.argv.slice(2).join(' '),
  signal: AbortSignal.timeout(1_200_000),
});
console.log(report);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
