/** VS Code on the desktop, if there is one: gets the extension, then opens the project. */
import { join } from 'node:path';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { ifThere } from '@bine/client/node/if-there';
import { findProgram, runProgram, type Run } from '../programs.ts';
import type { Vsix } from './vsix.ts';

/** Its command, or null: not installed, or nowhere to show a window. */
export async function findDesktop(env: Record<string, string | undefined>): Promise<string | null> {
  const somewhere = env.DISPLAY || env.WAYLAND_DISPLAY || env.WSL_DISTRO_NAME || env.VSCODE_IPC_HOOK_CLI;
  return somewhere ? findProgram('code', env) : null;
}

export async function openDesktop(
  code: string,
  { vsix, home, uri }: { vsix: Vsix; home: string; uri: string | null },
  run: Run,
): Promise<void> {
  const record = join(home, 'vscode', 'desktop');
  const installed = await ifThere(readFile(record, 'utf8'));
  if (installed !== vsix.digest) {
    await runProgram(code, ['--install-extension', vsix.file, '--force'], run);
    await mkdir(join(home, 'vscode'), { recursive: true });
    await writeFile(record, vsix.digest);
  }
  await runProgram(code, uri === null ? ['--new-window'] : ['--folder-uri', uri], run);
}
