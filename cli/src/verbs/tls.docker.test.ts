/** The command line as processes, on a gateway that speaks TLS with a certificate of its own. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readGatewayFile } from '../gateway/file.ts';
import { noteGateway } from '../testing/test-gateways.ts';

const program = fileURLToPath(new URL('../main.ts', import.meta.url));
const notebook = {
  cells: [{ cell_type: 'code', id: 'one', source: 'print(6 * 7)', metadata: {}, outputs: [], execution_count: null }],
  metadata: {},
  nbformat: 4,
  nbformat_minor: 5,
};

describe('bine over TLS', { timeout: 600_000 }, () => {
  let folder: string;
  let home: string;
  let removeObjects = async () => {};

  function start(...words: string[]) {
    const { BINE_URL: _url, BINE_KEY: _key, ...env } = process.env;
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...words], {
      env: { ...env, BINE_HOME: home },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const text = { out: '', err: '' };
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text.out += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text.err += chunk));
    return { child, text, closed: once(child, 'close') as Promise<[number | null]> };
  }
  async function bine(...words: string[]): Promise<string> {
    const { text, closed } = start(...words);
    const [code] = await closed;
    assert.equal(code, 0, `${words.join(' ')}: ${text.err}`);
    return text.out;
  }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bine-tls-cli-'));
    home = join(folder, 'home');
    await bine('up', '--port', '0', '--tls', 'self-signed');
    removeObjects = await noteGateway((await readGatewayFile(home))!.gateway);
  });
  after(async () => {
    await bine('down', '--all');
    await removeObjects();
    await rm(folder, { recursive: true, force: true });
  });

  it('creates a project, copies to it and back, runs a notebook and follows the log', async () => {
    assert.match((await readGatewayFile(home))!.url, /^https:/);
    await bine('project', 'create', 'churn');
    const file = join(folder, 'one.ipynb');
    await writeFile(file, JSON.stringify(notebook));
    await bine('cp', file, 'churn:');

    const { child, text, closed } = start('logs', '-f', '-n', '0');
    assert.match(await bine('run', 'one.ipynb', '-p', 'churn', '--environment', 'python-inference'), /42/);
    // What the kernel of that notebook did to the gateway's log comes without being asked for.
    while (text.out === '') await once(child.stdout, 'data');
    child.kill('SIGTERM');
    assert.deepEqual((await closed)[0], 143);

    await bine('cp', 'churn:one.ipynb', join(folder, 'back.ipynb'));
    assert.match(await readFile(join(folder, 'back.ipynb'), 'utf8'), /42/);
  });

  it('is told what to set where the certificate is not known', async () => {
    const { url } = (await readGatewayFile(home))!;
    const key = (await readFile(join(home, 'admin.key'), 'utf8')).trim();
    const ask = (env: Record<string, string>) =>
      spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, 'project', 'list'], {
        env: { ...process.env, BINE_HOME: join(folder, 'elsewhere'), BINE_URL: url, BINE_KEY: key, ...env },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
    const stranger = ask({});
    let err = '';
    stranger.stderr.setEncoding('utf8').on('data', (chunk: string) => (err += chunk));
    assert.equal((await once(stranger, 'close'))[0], 1);
    assert.match(err, /is not trusted .* Set BINE_CA to the file/);
    const friend = ask({ BINE_CA: join(home, 'certificate.pem') });
    assert.equal(
      (
        await once(
          friend.on('spawn', () => friend.stderr.resume()),
          'close',
        )
      )[0],
      0,
    );
  });
});
