/** VS Code in a browser, for machines without a desktop: served on the loopback address behind a random token. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '@bine/shared/problems';
import { startBackground } from '../background.ts';
import { endProcess, isRunning, type Mark } from '../processes.ts';
import { isReadable, runProgram, type Run } from '../programs.ts';
import { ensureCodeServer } from './code-server.ts';
import { withNode } from './node-path.ts';
import type { Vsix } from './vsix.ts';

export type Browser = { url: string; pid: number };

const startDeadline = 60_000;
const stopPatience = 10_000;

/** What VS Code would otherwise ask a newcomer, or do that makes no sense on one machine. Theirs to change. */
const settings = {
  'remote.autoForwardPorts': false,
  'extensions.ignoreRecommendations': true,
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'telemetry.telemetryLevel': 'off',
};

const folderOf = (home: string) => join(home, 'vscode');
const recordOf = (home: string) => join(folderOf(home), 'server.json');
const markOf =
  (home: string): Mark =>
  (words) =>
    words.includes(`--server-data-dir=${folderOf(home)}`);

/** The one that is being served, or null. */
export async function findBrowser(home: string): Promise<Browser | null> {
  const text = await readFile(recordOf(home), 'utf8').catch(() => null);
  const browser = text === null ? null : (JSON.parse(text) as Browser);
  return browser && (await isRunning(browser.pid, markOf(home))) ? browser : null;
}

/** @returns whether there was one */
export async function stopBrowser(home: string): Promise<boolean> {
  const browser = await findBrowser(home);
  if (browser) await endProcess(browser.pid, markOf(home), stopPatience);
  await rm(recordOf(home), { force: true });
  return browser !== null;
}

/** Serves VS Code with the extension. One that is being served stays, unless the extension has changed. */
export async function serveBrowser(home: string, vsix: Vsix, run: Run): Promise<Browser> {
  const program = await ensureCodeServer(home, run);
  if (await installExtension(home, { program, vsix }, run)) await stopBrowser(home);
  return (await findBrowser(home)) ?? startBrowser(home, program, run);
}

/** Its address with a folder opened in it. */
export function addressOf({ url }: Browser, folder: string): string {
  const address = new URL(url);
  address.searchParams.set('folder', folder);
  return address.href;
}

/** @returns whether it was not installed yet */
async function installExtension(home: string, { program, vsix }: { program: string; vsix: Vsix }, run: Run): Promise<boolean> {
  const record = join(folderOf(home), 'browser');
  if ((await readFile(record, 'utf8').catch(() => '')) === vsix.digest) return false;
  run.report?.('installing the extension');
  const words = [
    program,
    `--server-data-dir=${folderOf(home)}`,
    '--accept-server-license-terms',
    '--install-extension',
    vsix.file,
    '--force',
  ];
  await runProgram(process.execPath, words, { ...run, env: withNode(run.env) });
  await writeFile(record, vsix.digest);
  return true;
}

async function startBrowser(home: string, program: string, run: Run): Promise<Browser> {
  run.report?.('starting VS Code');
  const folder = folderOf(home);
  const user = join(folder, 'data', 'User');
  await mkdir(user, { recursive: true });
  const file = join(user, 'settings.json');
  if (!(await isReadable(file))) await writeFile(file, `${JSON.stringify(settings, null, 2)}\n`);
  const tokenFile = join(folder, 'token');
  const token = randomBytes(32).toString('base64url');
  await writeFile(tokenFile, token, { mode: 0o600 });
  const log = join(folder, 'server.log');
  const words = [
    program,
    `--server-data-dir=${folder}`,
    '--host=127.0.0.1',
    '--port=0',
    `--connection-token-file=${tokenFile}`,
    '--accept-server-license-terms',
    '--disable-workspace-trust',
    '--telemetry-level=off',
  ];
  const look = async (pid: number): Promise<Browser | null> => {
    const match = /listening on (\d+)/.exec(await readFile(log, 'utf8'));
    return match && { url: `http://127.0.0.1:${match[1]}/?tkn=${token}`, pid };
  };
  try {
    const browser = await startBackground({
      program: process.execPath,
      words,
      env: withNode(run.env),
      log,
      folder,
      look,
      deadline: startDeadline,
      signal: run.signal,
    });
    await writeFile(recordOf(home), JSON.stringify(browser), { mode: 0o600 });
    return browser;
  } catch (cause) {
    run.signal.throwIfAborted();
    throw new Problem('internal', `VS Code did not start; see ${log}.`, { cause });
  }
}
