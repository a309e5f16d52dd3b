/** The real VS Code, served to a browser. Its files and settings live in a folder of its own. */
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { codeServerOf } from '../../cli/src/vscode/code-server.ts';
import { patience } from './patience.ts';
import { startGroup } from './processes.ts';

const flags =
  '--host 127.0.0.1 --port 0 --telemetry-level off --without-connection-token --accept-server-license-terms ' +
  '--disable-workspace-trust --force-disable-user-env --reconnection-grace-time 5';

/** What a first start would otherwise ask, offer or animate, and both themes one `emulateMedia` apart. */
const settings = {
  // The flag of the same name is not enough for the notice under the walkthrough.
  'telemetry.telemetryLevel': 'off',
  'window.autoDetectColorScheme': true,
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.reduceMotion': 'on',
  'workbench.enableExperiments': false,
  'workbench.settings.enableNaturalLanguageSearch': false,
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'chat.commandCenter.enabled': false,
  'extensions.ignoreRecommendations': true,
  'extensions.autoCheckUpdates': false,
  'remote.autoForwardPorts': false,
  'git.openRepositoryInParentFolders': 'never',
  'files.autoSave': 'off',
  'editor.cursorBlinking': 'solid',
  // As elements, which tests can read, instead of on a canvas.
  'terminal.integrated.gpuAcceleration': 'off',
};

export type Server = {
  /** `127.0.0.1:PORT`, also the authority of its `vscode-remote:` URIs. */
  authority: string;
  output: () => string;
  [Symbol.asyncDispose](): Promise<void>;
};

export type ServerOptions = {
  folder: string;
  env: Record<string, string>;
  settings: Record<string, unknown>;
  /** Folders of extensions that are installed from the start. */
  extensions: string[];
  /** Accept extensions under development and their tests from the address bar. It shows no notifications then. */
  development: boolean;
};

/** Starts it on a free port with `folder` for its data. A closed window's extension host ends after five seconds. */
export async function startServer({ folder, env, settings: more, extensions, development }: ServerOptions): Promise<Server> {
  const data = join(folder, 'server');
  await mkdir(join(data, 'data/User'), { recursive: true });
  await writeFile(join(data, 'data/User/settings.json'), JSON.stringify({ ...settings, ...more }, null, 2));
  await mkdir(join(data, 'extensions'));
  for (const extension of extensions) await symlink(extension, join(data, 'extensions', basename(extension)));
  const { node, program } = codeServerOf(process.env);
  const args = [program, '--server-data-dir', data, ...flags.split(' '), ...(development ? ['--enable-smoke-test-driver'] : [])];
  const server = startGroup(node, args, {
    cwd: folder,
    env: { ...process.env, HOME: folder, TMPDIR: folder, EXTENSIONS_GALLERY: '{}', ...env },
  });
  try {
    const [, port] = await server.line(/Extension host agent listening on (\d+)/, AbortSignal.timeout(patience));
    return { authority: `127.0.0.1:${port}`, output: server.output, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}
