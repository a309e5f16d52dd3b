/**
 * Installs what the tests in a real editor need and users don't: a browser, where Debian's packages can be installed. VS Code itself is
 * the one that `bine code` serves; its version stands in this folder's package.json.
 */
import { ensureCodeServer } from '../../cli/src/vscode/code-server.ts';
import { canInstall, installDebian, isReadable } from '../../cli/src/programs.ts';

const browser = '/usr/bin/chromium';
const run = { env: process.env, signal: AbortSignal.timeout(20 * 60_000), report: (line: string) => console.log(line) };

if (!(await isReadable(browser))) {
  if (!(await canInstall(process.env))) throw new Error('Please install: chromium');
  await installDebian(['chromium'], run);
}
await ensureCodeServer(run);
