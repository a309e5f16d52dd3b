/**
 * A VS Code with an extension under development, driven by a real browser. Every part of it is fresh, and gone when it is
 * disposed of: server data, browser profiles, extension hosts.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { patience } from './patience.ts';
import { startServer, type Server } from './server.ts';
import { createWindow, type Window } from './window.ts';

export type WorkbenchOptions = {
  /** Folder of the extension under development: its package.json and what its `main` names. */
  extension: string;
  /** BINE_HOME of the gateway, where the extension finds its address and key. */
  home?: string;
  /** Module whose `run()` the extension host calls in the windows, as `@vscode/test-electron` does; without it, the extension is installed. */
  tests?: string;
  /** User settings on top of the harness's. */
  settings?: Record<string, unknown>;
  /** Also for the extension host. */
  env?: Record<string, string>;
};

export type WindowOptions = {
  /** A path on this machine or a URI such as `bine:/sample`; without it, an empty window. */
  folder?: string;
  theme?: 'dark' | 'light';
  size?: { width: number; height: number };
  /** Called with the blank page before anything is loaded. */
  prepare?: (page: Page) => Promise<void>;
};

export type Workbench = {
  /** Opens a window in a browser profile of its own, as on another machine. */
  open(options?: WindowOptions): Promise<Window>;
  /** What the server and its extension hosts printed. */
  output: () => string;
  [Symbol.asyncDispose](): Promise<void>;
};

const browserPath = process.env['BINE_CHROMIUM'] ?? '/usr/bin/chromium';
const browserFlags =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync --disable-dev-shm-usage';

/** Where the tests leave their pictures. */
export const screenshots = resolve(process.env['BINE_TEST_ARTIFACTS'] ?? join(import.meta.dirname, '../../.cache/test'), 'screenshots');

export async function startWorkbench({ extension, home, tests, settings = {}, env = {} }: WorkbenchOptions): Promise<Workbench> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'bine-vscode-'));
  stack.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  await mkdir(screenshots, { recursive: true });
  const bine = home === undefined ? {} : { BINE_HOME: home };
  const server = stack.use(
    await startServer({
      folder,
      settings,
      env: { ...bine, ...env },
      extensions: tests ? [] : [resolve(extension)],
      development: tests !== undefined,
    }),
  );
  const browser = await launchBrowser();
  stack.defer(() => browser.close());

  const payload: [string, string][] = [['skipWelcome', 'true']];
  if (tests) {
    const remote = (path: string) => `vscode-remote://${server.authority}${resolve(path)}`;
    payload.push(['extensionDevelopmentPath', remote(extension)], ['extensionTestsPath', remote(tests)]);
  }
  // A picture of each that a test did not close: it may have failed.
  const windows = stack.adopt(new Set<Window>(), async (open) => {
    for (const window of open) if (!window.page.isClosed()) await window.close();
  });
  const kept = stack.move();
  return {
    async open(options = {}) {
      const window = await openWindow({ browser, server, payload }, options);
      windows.add(window);
      return window;
    },
    output: server.output,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: browserPath, args: browserFlags.split(' '), chromiumSandbox: false });
}

type Parts = { browser: Browser; server: Server; payload: [string, string][] };

async function openWindow({ browser, server, payload }: Parts, options: WindowOptions): Promise<Window> {
  const address = new URL(`http://${server.authority}/`);
  if (options.folder === undefined) address.searchParams.set('ew', 'true');
  else address.searchParams.set('folder', isAbsolute(options.folder) ? resolve(options.folder) : options.folder);
  address.searchParams.set('payload', JSON.stringify(payload));
  return openAddress(browser, address.href, options);
}

/** In a browser profile of its own. */
export async function openAddress(browser: Browser, address: string, options: Omit<WindowOptions, 'folder'> = {}): Promise<Window> {
  const context = await browser.newContext({
    viewport: options.size ?? { width: 1360, height: 860 },
    colorScheme: options.theme ?? 'dark',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  context.setDefaultTimeout(patience);
  try {
    const page = await context.newPage();
    await options.prepare?.(page);
    const window = createWindow(page, screenshots);
    await window.load(address);
    return window;
  } catch (error) {
    await context.close();
    throw error;
  }
}
