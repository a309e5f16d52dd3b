/** Copies between this machine and a project, streaming, with folders and all that is in them. */
import { randomBytes } from 'node:crypto';
import { constants, createWriteStream } from 'node:fs';
import type { Stats } from 'node:fs';
import { mkdir, open, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, posix, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { listFolder } from '@bine/client/list-folder';
import { ifThere, reasonOf } from '@bine/client/node/if-there';
import type { LeftOut } from '@bine/client/node/left-out';
import { fileContent } from '@bine/shared';
import { problemOfPath } from '@bine/shared/path-names';
import { Problem } from '@bine/shared/problems';
import type { Client } from './client.ts';
import type { Report } from './steps.ts';

/** Bytes of a file's name that still fit into the name of its temporary file, of which systems take 255. */
const longestPrefix = 200;

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

type Copying = { client: Client; signal: AbortSignal; report: Report; leftOut: LeftOut };

/** @returns how many files. Into a folder that is there, else under the name that is given. */
export async function upload(from: string, to: Remote, copying: Copying): Promise<number> {
  const folder = to.path === '' || (await typeOf(to, copying)) === 'directory';
  const found = await stat(from).catch((cause: unknown) => {
    throw new Problem('not-found', `There is no ${from} on this machine.`, { cause });
  });
  if (!found.isFile() && !found.isDirectory()) throw new Problem('invalid', `${from} is a pipe, socket or device, which is not copied.`);
  const path = folder ? posix.join(to.path, basename(resolve(from))) : to.path;
  const why = problemOfPath(path);
  if (why) throw new Problem('invalid', `The path ${JSON.stringify(path)} ${why}.`);
  return uploadTree(from, { ...to, path }, { ...copying, above: [] });
}

/** `above`: the folders around it, where they really are, so that a link to one of them does not go round for ever. */
type Uploading = Copying & { above: readonly string[] };

async function uploadTree(from: string, to: Remote, uploading: Uploading): Promise<number> {
  const { client, leftOut, signal, above } = uploading;
  signal.throwIfAborted();
  if (problemOfPath(to.path)) return skipped(leftOut, from, 'because of names that no project can hold');
  const found = await stat(from).catch((error: NodeJS.ErrnoException) => error);
  if (found instanceof Error) return skipped(leftOut, from, found.code === 'ENOENT' ? 'links that lead nowhere' : unreadable(found));
  if (found.isFile()) return uploadFile(from, to, { ...uploading, found });
  if (!found.isDirectory()) return skipped(leftOut, from, 'pipes, sockets and devices');
  const real = await realpath(from);
  if (above.includes(real)) return skipped(leftOut, from, 'links to a folder around themselves');
  const names = await readdir(from).catch((error: NodeJS.ErrnoException) => error);
  if (names instanceof Error) return skipped(leftOut, from, unreadable(names));
  await client.api.files.mkdir(to);
  let files = 0;
  for (const name of names)
    files += await uploadTree(join(from, name), { ...to, path: posix.join(to.path, name) }, { ...uploading, above: [...above, real] });
  return files;
}

const unreadable = (error: NodeJS.ErrnoException) => `because they cannot be read (${reasonOf(error)})`;

function skipped(leftOut: LeftOut, path: string, why: string): 0 {
  leftOut.add(why, path);
  return 0;
}

async function uploadFile(
  from: string,
  to: Remote,
  { client, signal, report, leftOut, found }: Copying & { found: Stats },
): Promise<number> {
  report(to.path);
  // Not to be waited for, should a pipe have taken its place.
  const file = await open(from, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: NodeJS.ErrnoException) => error);
  if (file instanceof Error) return skipped(leftOut, from, unreadable(file));
  const body = Readable.toWeb(file.createReadStream({ signal })) as unknown as BodyInit;
  const executable = String((found.mode & 0o100) !== 0);
  const headers = { 'content-length': String(found.size) };
  await client.fetch(`${contentPath(to)}&executable=${executable}`, { method: 'PUT', body, duplex: 'half', headers });
  return 1;
}

/** @returns how many files. Into a folder that is there, else under the name that is given. */
export async function download(from: Remote, to: string, copying: Copying): Promise<number> {
  const folder = (await ifThere(stat(to)))?.isDirectory() ?? false;
  const name = from.path === '' ? from.project : posix.basename(from.path);
  const target = folder ? join(to, name) : to;
  if (from.path === '') return downloadFolder(from, target, { ...copying, linked: false });
  const found = await copying.client.api.files.stat(from);
  if (found.type === 'directory') return downloadFolder(from, target, { ...copying, linked: false });
  if (found.type !== 'file') throw new Problem('invalid', `${from.path} is ${notCopied[found.type]}, which is not copied.`);
  return downloadFile(from, target, { ...copying, executable: found.executable === true });
}

const notCopied = { symlink: 'a link that leads nowhere or out of the project', other: 'a pipe, socket or device' } as const;

/** `linked`: it is below a link to a folder; another one in it may lead round in a circle. */
async function downloadFolder(from: Remote, to: string, copying: Copying & { linked: boolean }): Promise<number> {
  const { client, signal, leftOut, linked } = copying;
  signal.throwIfAborted();
  await mkdir(to, { recursive: true });
  let files = 0;
  const { entries } = await listFolder(client.api.files, from, { signal });
  for (const { path, type, link = false, executable = false } of entries) {
    const [remote, target] = [{ ...from, path }, join(to, posix.basename(path))];
    if (problemOfPath(path)) skipped(leftOut, path, 'because of names that cannot be asked for');
    else if (type === 'file') files += await downloadFile(remote, target, { ...copying, executable });
    else if (type !== 'directory')
      skipped(leftOut, path, type === 'symlink' ? 'links that lead nowhere or out of the project' : 'pipes, sockets and devices');
    else if (link && linked) skipped(leftOut, path, 'links to folders below such a link');
    else files += await downloadFolder(remote, target, { ...copying, linked: linked || link });
  }
  return files;
}

async function downloadFile(from: Remote, to: string, copying: Copying & { executable: boolean }): Promise<number> {
  const { client, signal, report, leftOut, executable } = copying;
  report(from.path);
  const answer = await client.fetch(contentPath(from)).catch((error: unknown) => {
    if (!(error instanceof Problem) || !['not-found', 'path-refused'].includes(error.code)) throw error;
    leftOut.add('because they cannot be read', from.path);
    return null;
  });
  if (!answer) return 0;
  await saveAnswer(answer, to, { mode: executable ? 0o777 : 0o666, signal });
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

/** What is at `to` stays whole until all of the new content is there. */
export async function saveAnswer(
  answer: Response,
  to: string,
  { mode = 0o666, signal }: { mode?: number; signal: AbortSignal },
): Promise<void> {
  const part = temporaryName(to);
  try {
    const content = Readable.fromWeb((answer.body ?? new Blob([]).stream()) as ReadableStream);
    await pipeline(content, createWriteStream(part, { mode, flags: 'wx' }), { signal });
    await rename(part, to);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/** In the same folder; random, so that it is no other file's name. */
function temporaryName(to: string): string {
  const name = basename(to);
  const prefix = Buffer.byteLength(name) <= longestPrefix ? name : '';
  return join(dirname(to), `${prefix}.${randomBytes(8).toString('hex')}.bine-part`);
}
