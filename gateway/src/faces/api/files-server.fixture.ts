/**
 * A server of one project's files on a free port, over a real folder, with something outside that nobody may
 * reach. Run as a program it serves until its input ends, for tests that need a process to measure or to limit.
 */
import express from 'express';
import type { NextFunction, Request, Response } from 'express';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Problem, problemBody, problems } from '@bine/shared/problems';
import { createDisk } from '../../adapters/disk/disk.ts';
import { createFiles } from '../../domains/files/files.ts';
import type { Files, FilesOptions } from '../../domains/files/files.ts';
import { fileContentRoutes } from './file-content.ts';
import type { FileContentOptions } from './file-content.ts';

export const secret = 'what nobody may read';

export type FilesServer = {
  url: string;
  /** Absolute paths of the project's folder, of its bin, and of a folder that is not the project's. */
  folder: string;
  bin: string;
  outside: string;
  files: Files;
  /** Every write that began, to wait for. */
  writes: Promise<unknown>[];
  /** `path` as it stands in the query, encoded by the caller. */
  content(path: string, init?: RequestInit): Promise<globalThis.Response>;
  [Symbol.asyncDispose](): Promise<void>;
};

export type FilesServerOptions = Pick<FilesOptions, 'linger'> & { within?: string; authorise?: FileContentOptions['authorise'] };

export async function startFilesServer({
  within = tmpdir(),
  authorise = async () => undefined,
  ...options
}: FilesServerOptions = {}): Promise<FilesServer> {
  const home = await mkdtemp(join(within, 'bine-files-'));
  const [folder, bin, outside] = ['files', 'bin', 'outside'].map((name) => join(home, name)) as [string, string, string];
  await mkdir(folder);
  await mkdir(outside);
  await writeFile(join(outside, 'secret.txt'), secret);
  const disk = createDisk();
  const projects = { folder: async (project: string) => ({ id: project, files: folder, bin, owner: { uid: 1000, gid: 1000 } }) };
  const files = createFiles({ disk, projects, ...options });
  const writes: Promise<unknown>[] = [];
  const observed: FileContentOptions['files'] = {
    read: files.read,
    write(at, writing) {
      const written = files.write(at, writing);
      writes.push(written);
      return written;
    },
  };
  const app = express()
    .use(fileContentRoutes({ files: observed, authorise }))
    .use(writeProblem);
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    folder,
    bin,
    outside,
    files,
    writes,
    content: (path, init) => fetch(contentUrl(url, path), init),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await Promise.allSettled(writes);
      await files[Symbol.asyncDispose]();
      await disk[Symbol.asyncDispose]();
      await rm(home, { recursive: true });
    },
  };
}

export const contentUrl = (url: string, path: string): string => `${url}/projects/demo/files/content?path=${path}`;

function writeProblem(error: unknown, _request: Request, response: Response, next: NextFunction): void {
  const problem = error instanceof Problem ? error : new Problem('internal', String(error));
  if (response.headersSent) next(error);
  else response.status(problems[problem.code].status).json(problemBody(problem));
}

if (import.meta.main) {
  await using server = await startFilesServer({ within: process.argv[2] ?? tmpdir() });
  process.stdout.write(`${server.url}\n`);
  for await (const _ of process.stdin);
}
