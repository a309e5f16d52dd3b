/** A Git server for tests: `git http-backend` behind HTTPS, Basic authentication and an authority of its own, on a free port of this machine. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { serveBackend } from './backend.ts';
import { makeCertificates } from './certificates.ts';

const execute = promisify(execFile);

export type GitServer = {
  /** Without a repository: https://localhost:PORT */
  url: string;
  /** As a credential names it. */
  host: string;
  /** File with the authority's certificate. */
  ca: string;
  /** What a gateway is started with so that it trusts the server. */
  env: Record<string, string>;
  username: string;
  token: string;
  /** A new one, with a commit of the files on the branch main unless there are none. @returns its address */
  repository(name: string, files?: Record<string, string>): Promise<string>;
  /** A further commit, as somebody else would push it. @returns its hash */
  commit(name: string, files: Record<string, string>, options?: { branch?: string; message?: string }): Promise<string>;
  /** Git on the server's own copy. @returns what it printed */
  git(name: string, ...args: string[]): Promise<string>;
  /** Called before each request; may answer it itself by returning true. */
  intercept: (request: IncomingMessage, response: ServerResponse) => Promise<boolean> | boolean;
  [Symbol.asyncDispose](): Promise<void>;
};

export async function startGitServer(): Promise<GitServer> {
  await using made = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'bine-git-server-'));
  made.defer(() => rm(folder, { recursive: true, force: true }));
  const root = join(folder, 'repositories');
  await mkdir(root);
  const { ca, key, cert } = await makeCertificates(folder);
  const token = `token-${randomBytes(20).toString('hex')}`;
  const allowed = `Basic ${Buffer.from(`git:${token}`).toString('base64')}`;
  const http = createServer({ key, cert }, (request, response) => {
    void answer(request, response);
  });
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (await server.intercept(request, response)) return;
    if (request.headers.authorization === allowed) serveBackend(root, request, response);
    else response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="Bine test"' }).end('who are you?\n');
  }
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  made.defer(() => {
    http.closeAllConnections();
    http.close();
  });
  const host = `localhost:${(http.address() as AddressInfo).port}`;
  const owned = made.move();
  const server: GitServer = {
    url: `https://${host}`,
    host,
    ca,
    env: { GIT_SSL_CAINFO: ca, BINE_ALLOW_EGRESS: host },
    username: 'git',
    token,
    async repository(name, files) {
      await run(root, 'init', '--quiet', '--bare', '--initial-branch=main', `${name}.git`);
      await run(join(root, `${name}.git`), 'config', 'http.receivepack', 'true');
      if (files) await server.commit(name, files, { message: 'Begin' });
      return `https://${host}/${name}.git`;
    },
    async commit(name, files, { branch = 'main', message = 'Change' } = {}) {
      const copy = await mkdtemp(join(folder, 'copy-'));
      const bare = join(root, `${name}.git`);
      await run(folder, 'clone', '--quiet', bare, copy);
      await run(copy, 'checkout', '--quiet', '-B', branch, ...((await hasBranch(bare, branch)) ? [`origin/${branch}`] : []));
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(copy, path)), { recursive: true });
        await writeFile(join(copy, path), text);
      }
      await run(copy, 'add', '--all');
      await run(copy, 'commit', '--quiet', '--message', message);
      await run(copy, 'push', '--quiet', 'origin', `HEAD:refs/heads/${branch}`);
      const hash = (await run(copy, 'rev-parse', 'HEAD')).trim();
      await rm(copy, { recursive: true });
      return hash;
    },
    git: (name, ...args) => run(join(root, `${name}.git`), ...args),
    intercept: () => false,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
  return server;
}

const identity = {
  GIT_AUTHOR_NAME: 'Bob',
  GIT_AUTHOR_EMAIL: 'bob@example.org',
  GIT_COMMITTER_NAME: 'Bob',
  GIT_COMMITTER_EMAIL: 'bob@example.org',
};

async function run(folder: string, ...args: string[]): Promise<string> {
  const env = { ...process.env, ...identity, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
  return (await execute('git', args, { cwd: folder, env, maxBuffer: 64 * 2 ** 20 })).stdout;
}

async function hasBranch(bare: string, branch: string): Promise<boolean> {
  return (await run(bare, 'for-each-ref', `refs/heads/${branch}`)) !== '';
}
