/** What the suites share: the extension, a folder of their own, and waiting for events. */
import * as vscode from 'vscode';
import type { BineApi } from '../src/extension.ts';
import { contentPath } from '../src/files/transfer.ts';
import { placeOf, uriPath } from '../src/files/uri.ts';

export const project = 'suites';

export async function bine(): Promise<BineApi> {
  const extension = vscode.extensions.getExtension<BineApi>('bine.bine');
  if (!extension) throw new Error('The extension is not installed');
  const api = await extension.activate();
  await api.connection.connected();
  return api;
}

/** A new folder in the project, so that no test sees what another one left. */
export async function freshFolder(): Promise<vscode.Uri> {
  const folder = vscode.Uri.from({ scheme: 'bine', path: uriPath({ project, path: `t${crypto.randomUUID().slice(0, 8)}` }) });
  await vscode.workspace.fs.createDirectory(folder);
  return folder;
}

export const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
export const bytes = (content: string) => new TextEncoder().encode(content);

/** Writes as somebody else would: past VS Code. */
export async function writeElsewhere({ connection }: BineApi, uri: vscode.Uri, content: string): Promise<void> {
  await connection.fetch(contentPath(placeOf(uri)!), { method: 'PUT', body: content });
}

/** Resolves with what `look` finds, now or after one of the events. */
export function until<T>(event: vscode.Event<unknown>, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  return new Promise((resolve, reject) => {
    const check = async () => {
      const found = await look();
      if (found === undefined) return;
      subscription.dispose();
      resolve(found);
    };
    const subscription = event(() => void check().catch(reject));
    check().catch(reject);
  });
}
