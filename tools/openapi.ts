/** Writes api/openapi.json from the contract. `--check`: fails, and writes nothing, where the file says something else. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import manifest from '../gateway/package.json' with { type: 'json' };
import { describeApi } from '../gateway/src/faces/api/openapi.ts';

const file = join(import.meta.dirname, '..', 'api', 'openapi.json');
const fresh = `${JSON.stringify(await describeApi(manifest.version), null, 2)}\n`;

if (process.argv.includes('--check')) {
  const committed = await readFile(file, 'utf8').catch(() => '');
  if (committed !== fresh) {
    console.error('api/openapi.json is not what the contract says. Run "npm run openapi" and commit the file.');
    process.exitCode = 1;
  }
} else {
  await writeFile(file, fresh);
}
