/** The extension as one file, packaged again only when its sources have changed. */
import { createHash } from 'node:crypto';
import { glob, mkdir, readFile, rename, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ifThere } from '@bine/client/node/if-there';
import { runProgram, type Run } from '../programs.ts';
import { withNode } from './node-path.ts';

const root = resolve(import.meta.dirname, '../../..');
const sources = [
  'extension/package.json',
  'extension/esbuild.ts',
  'extension/{src,media,resources}/**',
  'client/src/**',
  'shared/src/**',
  'package-lock.json',
];

export type Vsix = { file: string; digest: string };

export async function packageExtension(home: string, run: Run): Promise<Vsix> {
  const digest = await digestOfSources();
  const folder = join(home, 'vscode');
  const file = join(folder, `bine-${digest}.vsix`);
  if (await ifThere(stat(file))) return { file, digest };
  await mkdir(folder, { recursive: true });
  const part = `${file}.part.vsix`;
  await runProgram('npm', ['run', 'package', '--workspace', 'extension', '--', '--out', part], {
    ...run,
    cwd: root,
    env: withNode(run.env),
  });
  await rename(part, file);
  return { file, digest };
}

async function digestOfSources(): Promise<string> {
  const hash = createHash('sha256');
  const files: string[] = [];
  for await (const entry of glob(sources, { cwd: root, withFileTypes: true })) {
    if (entry.isFile()) files.push(join(entry.parentPath, entry.name));
  }
  for (const file of files.sort()) hash.update(file.slice(root.length)).update(await readFile(file));
  return hash.digest('hex').slice(0, 12);
}
