/** VS Code in a browser, for machines without a desktop: served on the loopback address behind a token, by an ordinary user. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { ifThere } from '@bine/client/node/if-there';
import { Problem } from '@bine/shared/problems';
import { startBackground } from '../background.ts';
import { createClient, type Client } from '../client.ts';
import { gatewayFileName, readGatewayFile } from '../gateway/file.ts';
import { portProblem } from '../ports.ts';
import { endProcess, isRunning, type Mark } from '../processes.ts';
import { runProgram, type Run } from '../programs.ts';
import { ensureCodeServer, type CodeServer } from './code-server.ts';
import { editorUserOf, gatewayFolderOf, idsOf, readAsEditor, writeAsEditor, type EditorUser } from './editor-user.ts';
import { withNode } from './node-path.ts';
import type { Vsix } from './vsix.ts';

/** `folder`: of its data, which tells it from other servers. */
export type Browser = { url: string; pid: number; folder: string };

const startDeadline = 60_000;
const stopPatience = 10_000;

/** What VS Code would otherwise ask a newcomer, or do that makes no sense on one machine. Theirs to change. */
const settingsOf = ({ env, account }: EditorUser) => ({
  'remote.autoForwardPorts': false,
  'extensions.ignoreRecommendations': true,
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'telemetry.telemetryLevel': 'off',
  // Source Control of projects is the extension's own; VS Code's has no Git to run here.
  'git.enabled': false,
  // Chat, and buttons for a model, of which there is none.
  'chat.disableAIFeatures': true,
  'notebook.experimental.generate': false,
  // Dark or light as the rest of the user's desktop.
  'window.autoDetectColorScheme': true,
  // A project's folder is on the gateway's side and on no disk here, so that a terminal could not start in it.
  'terminal.integrated.cwd': account?.home ?? env.HOME ?? homedir(),
});

/** Ours, whoever VS Code runs as: what root reads again must not be written by another user. */
const folderOf = (home: string) => join(home, 'vscode');
const recordOf = (home: string) => join(folderOf(home), 'server.json');
const markOf =
  (folder: string): Mark =>
  (words) =>
    words.includes(`--server-data-dir=${folder}`);

/** The one that is being served, or null. */
export async function findBrowser(home: string): Promise<Browser | null> {
  const browser = await readRecord(home);
  return browser && (await isRunning(browser.pid, markOf(browser.folder))) ? browser : null;
}

async function readRecord(home: string): Promise<Browser | null> {
  const text = await ifThere(readFile(recordOf(home), 'utf8'));
  return text === null ? null : (JSON.parse(text) as Browser);
}

/** @returns whether there was one */
export async function stopBrowser(home: string): Promise<boolean> {
  const browser = await findBrowser(home);
  if (browser) await endProcess(browser.pid, markOf(browser.folder), stopPatience);
  return browser !== null;
}

type Served = { home: string; vsix: Vsix; client: Client };

/** Serves VS Code with the extension. One that is being served stays, unless the extension has changed. */
export async function serveBrowser({ home, vsix, client }: Served, run: Run): Promise<Browser> {
  const { user, server, changed } = await prepareBrowser(home, vsix, run);
  if (changed) await stopBrowser(home);
  if (user.account) await shareGateway(home, { user, client });
  return (await findBrowser(home)) ?? startBrowser(home, { user, server }, run);
}

type Prepared = { user: EditorUser; server: CodeServer; changed: boolean };

/** Everything that takes long: VS Code and the extension are installed. */
export async function prepareBrowser(home: string, vsix: Vsix, run: Run): Promise<Prepared> {
  await mkdir(folderOf(home), { recursive: true, mode: 0o700 });
  const user = await editorUserOf(home, run);
  const server = await ensureCodeServer(run);
  return { user, server, changed: await installExtension(user, { server, vsix }, run) };
}

/** Its address with a folder opened in it; without one, an empty window. */
export function addressOf({ url }: Browser, folder: string | null): string {
  const address = new URL(url);
  if (folder === null) address.searchParams.set('ew', 'true');
  else address.searchParams.set('folder', folder);
  return address.href;
}

/** @returns whether it was not installed yet */
async function installExtension(user: EditorUser, { server, vsix }: { server: CodeServer; vsix: Vsix }, run: Run): Promise<boolean> {
  const record = join(user.folder, 'extension');
  if ((await readAsEditor(user, record)) === vsix.digest) return false;
  run.report?.('installing the extension');
  const copy = join(user.folder, 'bine.vsix');
  await writeAsEditor(user, copy, await readFile(vsix.file));
  const words = [
    server.program,
    `--server-data-dir=${user.folder}`,
    '--accept-server-license-terms',
    '--install-extension',
    copy,
    '--force',
  ];
  await runProgram(server.node, words, { ...run, ...idsOf(user), cwd: '/', env: withNode(user.env) });
  await writeAsEditor(user, record, vsix.digest);
  return true;
}

/** Who may not read BINE_HOME gets the gateway's address, what to trust, and a key of its own. */
async function shareGateway(home: string, { user, client }: { user: EditorUser; client: Client }): Promise<void> {
  const folder = gatewayFolderOf(user.folder);
  const keyFile = join(folder, 'admin.key');
  const key = (await readAsEditor(user, keyFile))?.trim();
  if (!key || !(await isAccepted(client, key))) {
    const { secret } = await client.api.access.createKey({ name: `VS Code in the browser on ${hostname()}` });
    await writeAsEditor(user, keyFile, `${secret}\n`);
  }
  const gateway = await readGatewayFile(home);
  const { certificate } = gateway ?? {};
  // Before the file that names it.
  if (certificate) await writeAsEditor(user, join(folder, certificate), await readFile(join(home, certificate)));
  await writeAsEditor(user, join(folder, gatewayFileName), `${JSON.stringify(gateway)}\n`);
}

async function isAccepted({ url }: Client, key: string): Promise<boolean> {
  try {
    await createClient({ url, key }, '', AbortSignal.timeout(startDeadline)).api.access.me({});
    return true;
  } catch (error) {
    if (error instanceof Problem) return false;
    throw error;
  }
}

async function startBrowser(home: string, { user, server }: Omit<Prepared, 'changed'>, run: Run): Promise<Browser> {
  run.report?.('starting VS Code');
  const { folder } = user;
  const settingsFile = join(folder, 'data/User/settings.json');
  if ((await readAsEditor(user, settingsFile)) === null)
    await writeAsEditor(user, settingsFile, `${JSON.stringify(settingsOf(user), null, 2)}\n`);
  // The same address each time: the browser keeps tabs, layout and remembered choices by it.
  const before = await readRecord(home);
  const token = (before && new URL(before.url).searchParams.get('tkn')) ?? randomBytes(32).toString('base64url');
  const tokenFile = join(folder, 'token');
  await writeAsEditor(user, tokenFile, token);
  const log = join(folderOf(home), 'server.log');
  const words = [
    server.program,
    `--server-data-dir=${folder}`,
    '--host=127.0.0.1',
    `--port=${await choosePort(before ? Number(new URL(before.url).port) : usualPort)}`,
    `--connection-token-file=${tokenFile}`,
    '--accept-server-license-terms',
    '--telemetry-level=off',
    // The server's own welcome page is an advertisement.
    '--disable-getting-started-override',
  ];
  const look = async (pid: number): Promise<Browser | null> => {
    const match = /listening on (\d+)/.exec(await readFile(log, 'utf8'));
    return match && { url: `http://127.0.0.1:${match[1]}/?tkn=${token}`, pid, folder };
  };
  try {
    const browser = await startBackground({
      program: server.node,
      words,
      env: withNode(user.env),
      ids: idsOf(user),
      log,
      folder: folderOf(home),
      look,
      deadline: startDeadline,
      signal: run.signal,
    });
    await rm(recordOf(home), { force: true });
    await writeFile(recordOf(home), JSON.stringify(browser), { mode: 0o600 });
    return browser;
  } catch (cause) {
    run.signal.throwIfAborted();
    throw new Problem('internal', `VS Code did not start; see ${log}.`, { cause });
  }
}

/** Beside the gateway's. */
const usualPort = 7879;

/** The wanted one, or any free one when another program has it. */
async function choosePort(wanted: number): Promise<number> {
  return (await portProblem(wanted)) ? 0 : wanted;
}
