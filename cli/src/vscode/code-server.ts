/**
 * VS Code as a server (code-server's build), installed once for each version into a cache that all checkouts and gateways of this
 * machine share. npm's own install compiles seven native modules for minutes; a server on Linux needs two of them.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { canInstall, findProgram, installDebian, isReadable, runProgram, type Run } from '../programs.ts';
import { withNode } from './node-path.ts';

/** Names the version, for users and for the tests. */
const recipe = resolve(import.meta.dirname, '../../../test/vscode');
const recipeFiles = ['package.json', 'package-lock.json'];
const vscode = 'node_modules/code-server/lib/vscode';
/** Log files and output channels; ending with the parent process; terminals (ready-made on x64 and arm64). */
const nativeModules = ['@vscode/spdlog', '@vscode/native-watchdog', 'node-pty'];
const npmFlags = ['--ignore-scripts', '--omit=dev', '--no-audit', '--no-fund'];

/** A program of each Debian package that compiling needs. */
const compiler = { 'build-essential': 'g++', python3: 'python3' };

/** `node`: the program to run it with, which other users of this machine can run, too. */
export type CodeServer = { node: string; program: string };

type Env = Record<string, string | undefined>;

/** Where this version is, or will be. */
export function codeServerOf(env: Env): CodeServer & { folder: string } {
  const hash = createHash('sha256').update(process.version).update(process.arch);
  for (const name of recipeFiles) hash.update(readFileSync(join(recipe, name)));
  const folder = join(cacheOf(env), `vscode-${hash.digest('hex').slice(0, 12)}`);
  return { folder, node: join(folder, 'node'), program: join(folder, vscode, 'out/server-main.js') };
}

function cacheOf(env: Env): string {
  if (env.BINE_CACHE) return resolve(env.BINE_CACHE);
  if (process.getuid?.() === 0) return '/var/cache/bine';
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'bine');
}

/** Does nothing when it is there. Takes about half a minute and 600 MB otherwise, at low priority. */
export async function ensureCodeServer(run: Run): Promise<CodeServer> {
  const found = codeServerOf(run.env ?? process.env);
  if (await isReadable(found.folder)) return found;
  const compiles = await ensureCompiler(run);
  await mkdir(dirname(found.folder), { recursive: true, mode: 0o755 });
  const fresh = await mkdtemp(`${found.folder}-`);
  try {
    await install(fresh, compiles, run);
    // Another process may have been faster; both are the same.
    await rename(fresh, found.folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return found;
}

async function install(folder: string, compiles: boolean, run: Run): Promise<void> {
  const npm = (cwd: string, ...words: string[]) =>
    runProgram('nice', ['-n', '10', 'npm', ...words], {
      ...run,
      cwd,
      env: { ...withNode(run.env), npm_config_jobs: 'max', npm_config_loglevel: 'error' },
    });
  run.report?.('installing code-server');
  await chmod(folder, 0o755);
  for (const name of recipeFiles) await copyFile(join(recipe, name), join(folder, name));
  await npm(folder, 'ci', ...npmFlags);
  const server = join(folder, vscode);
  await npm(server, 'install', ...npmFlags);
  await npm(join(server, 'extensions'), 'install', ...npmFlags);
  if (compiles) {
    run.report?.('compiling its native modules');
    await npm(server, 'rebuild', ...nativeModules);
  }
  await copyFile(process.execPath, join(folder, 'node'));
}

/** @returns false where there is no compiler and we may not install one: VS Code then runs without log files */
async function ensureCompiler(run: Run): Promise<boolean> {
  const env = run.env ?? process.env;
  const missing: string[] = [];
  for (const [name, program] of Object.entries(compiler)) if (!(await findProgram(program, env))) missing.push(name);
  if (missing.length === 0) return true;
  if (!(await canInstall(env))) return false;
  run.report?.(`installing ${missing.join(' and ')}`);
  await installDebian(missing, run);
  return true;
}
