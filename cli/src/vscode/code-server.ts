/** VS Code as a server, installed on demand: it is large, and its native parts are compiled here. */
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Problem } from '@bine/shared/problems';
import { canInstall, findProgram, installDebian, isReadable, runProgram, type Run } from '../programs.ts';
import { withNode } from './node-path.ts';

/** Names the version, for us and for the tests, which may have it installed already. */
const recipe = resolve(import.meta.dirname, '../../../test/vscode');
const main = 'node_modules/code-server/lib/vscode/out/server-main.js';
const stamp = 'node_modules/.installed';

/** A file or program of each package that compiling needs. */
const build = [
  ['build-essential', '/usr/bin/g++'],
  ['python3', '/usr/bin/python3'],
  ['pkg-config', '/usr/bin/pkg-config'],
  ['libkrb5-dev', '/usr/bin/krb5-config'],
  ['libsecret-1-dev', '/usr/include/libsecret-1/libsecret/secret.h'],
] as const;

/** @returns the program for Node to run */
export async function ensureCodeServer(home: string, run: Run): Promise<string> {
  const lock = await readFile(join(recipe, 'package-lock.json'), 'utf8');
  const own = join(home, 'vscode', 'server');
  for (const folder of [recipe, own]) {
    if ((await readFile(join(folder, stamp), 'utf8').catch(() => '')) === lock) return join(folder, main);
  }
  await ensureCompiler(run);
  run.report?.('installing code-server, which takes some minutes');
  await mkdir(own, { recursive: true });
  for (const name of ['package.json', 'package-lock.json']) await copyFile(join(recipe, name), join(own, name));
  await runProgram('npm', ['ci', '--no-audit', '--no-fund'], { ...run, cwd: own, env: withNode(run.env) });
  await writeFile(join(own, stamp), lock);
  return join(own, main);
}

async function ensureCompiler(run: Run): Promise<void> {
  const missing: string[] = [];
  for (const [name, file] of build) if (!(await isReadable(file))) missing.push(name);
  if (missing.length === 0) return;
  if (!(await canInstall(run.env ?? {}))) {
    const advice = (await findProgram('apt-get', run.env ?? {}))
      ? `run "sudo apt-get install ${missing.join(' ')}"`
      : `install ${missing.join(', ')}`;
    throw new Problem('conflict', `The browser VS Code is compiled here and needs more: ${advice}, or install VS Code on the desktop.`);
  }
  run.report?.(`installing ${missing.join(' ')}`);
  await installDebian(missing, run);
}
