/** Copies between this machine and a project, streaming, with folders and all that is in them. */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, join, posix } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { fileContent } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { Client } from './client.ts';
import type { Report } from './steps.ts';

/** `project:path` as the command line writes it. */
export type Remote = { project: string; path: string };

/** null: a path of this machine. A path that holds a colon is written with `./` in front. */
export function parseRemote(text: string): Remote | null {
  const match = /^([a-z0-9][a-z0-9_-]*):(.*)$/.exec(text);
  return match && { project: match[1]!, path: match[2]!.replace(/^\/+|\/+$/g, '') };
}

/** Where the bytes of a file are in the API. */
export function contentPath({ project, path }: Remote): string {
  return `${fileContent.path.replace('{project}', project)}?${new URLSearchParams({ path }).toString()}`;
}

type Copying = { client: Client; signal: AbortSignal; report: Report };

/** @returns how many files. Into a folder that is there, else under the name that is given. */
export async function upload(from: string, to: Remote, copying: Copying): Promise<number> {
  const folder = to.path === '' || (await typeOf(to, copying)) === 'directory';
  return uploadTree(from, { ...to, path: folder ? posix.join(to.path, basename(from)) : to.path }, copying);
}

async function uploadTree(from: string, to: Remote, copying: Copying): Promise<number> {
  const { client, signal, report } = copying;
  const found = await stat(from).catch((cause: unknown) => {
    throw new Problem('not-found', `There is no ${from} on this machine.`, { cause });
  });
  if (found.isDirectory()) {
    await client.api.files.mkdir(to);
    let files = 0;
    for (const name of await readdir(from))
      files += await uploadTree(join(from, name), { ...to, path: posix.join(to.path, name) }, copying);
    return files;
  }
  report(to.path);
  const body = Readable.toWeb(createReadStream(from, { signal })) as unknown as BodyInit;
  await client.fetch(contentPath(to), { method: 'PUT', body, duplex: 'half', headers: { 'content-length': String(found.size) } });
  return 1;
}

/** @returns how many files. Into a folder that is there, else under the name that is given. */
export async function download(from: Remote, to: string, copying: Copying): Promise<number> {
  const folder = (await stat(to).catch(() => null))?.isDirectory() ?? false;
  const name = from.path === '' ? from.project : posix.basename(from.path);
  return downloadTree(from, folder ? join(to, name) : to, copying);
}

async function downloadTree(from: Remote, to: string, copying: Copying): Promise<number> {
  const { client, signal, report } = copying;
  if (from.path === '' || (await typeOf(from, copying)) === 'directory') {
    await mkdir(to, { recursive: true });
    let files = 0;
    for (const { path, type } of await client.api.files.list(from)) {
      if (type === 'file' || type === 'directory') files += await downloadTree({ ...from, path }, join(to, posix.basename(path)), copying);
    }
    return files;
  }
  report(from.path);
  const { body } = await client.fetch(contentPath(from));
  const part = `${to}.bine-part`;
  try {
    await pipeline(Readable.fromWeb((body ?? new Blob([]).stream()) as ReadableStream), createWriteStream(part), { signal });
    await rename(part, to);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  return 1;
}

async function typeOf(remote: Remote, { client }: Copying): Promise<string | null> {
  try {
    return (await client.api.files.stat(remote)).type;
  } catch (error) {
    if (error instanceof Problem && error.code === 'not-found') return null;
    throw error;
  }
}
