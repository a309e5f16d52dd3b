/** Moves and copies files inside the gateway: in one step within a project, as a stream from one project to another. */
import { listFolder } from '@bine/client/list-folder';
import type { FileStat } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import { fileContentPath } from '@bine/shared/paths';
import type { Connection } from '../connection/client.ts';
import { type Place, baseName, join } from './uri.ts';

type Gateway = Pick<Connection, 'client' | 'fetch'>;
export type Transfer = { source: Place; target: Place; overwrite: boolean; signal?: AbortSignal };

export function contentPath({ project, path }: Place): string {
  return `${fileContentPath.replace('{project}', project)}?path=${encodeURIComponent(path)}`;
}

export async function move(gateway: Gateway, transfer: Transfer): Promise<void> {
  const { source, target, overwrite } = transfer;
  if (source.project === target.project) {
    await gateway.client.files.rename({ project: source.project, from: source.path, to: target.path, overwrite });
  } else {
    await copy(gateway, transfer);
    await gateway.client.files.delete(source);
  }
}

export async function copy(gateway: Gateway, transfer: Transfer): Promise<void> {
  const { source, target, overwrite } = transfer;
  const { files } = gateway.client;
  if (source.project === target.project) {
    await files.copy({ project: source.project, from: source.path, to: target.path, overwrite });
    return;
  }
  const stat = await files.stat(source);
  if (stat.type !== 'directory') return copyContent(gateway, transfer);
  await files.mkdir(target);
  const { entries } = await listFolder(files, source);
  for (const child of entries) {
    if (!isCopied(child)) continue;
    const name = baseName(child.path);
    const [from, to] = [source, target].map(({ project, path }) => ({ project, path: join(path, name) })) as [Place, Place];
    await copy(gateway, { ...transfer, source: from, target: to });
  }
}

/** Links are not followed, so that a folder that leads into itself ends. */
export function isCopied({ type, link }: Pick<FileStat, 'type' | 'link'>): boolean {
  return type === 'file' || (type === 'directory' && !link);
}

async function copyContent(
  gateway: Gateway,
  { source, target, overwrite, signal = new AbortController().signal }: Transfer,
): Promise<void> {
  const { body } = await gateway.fetch(contentPath(source), { signal });
  if (!body) throw new Problem('internal', `The gateway sent no content of "${source.path}".`);
  await gateway.fetch(contentPath(target), {
    method: 'PUT',
    signal,
    body,
    // @ts-expect-error: Node's fetch needs it for a stream; the DOM's types do not know it yet.
    duplex: 'half',
    headers: overwrite ? {} : { 'if-none-match': '*' },
  });
}
