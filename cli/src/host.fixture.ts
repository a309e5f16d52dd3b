/** The command line in this process, with streams that are kept, on a BINE_HOME of the test's own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { runCommandLine } from './command-line.ts';
import type { Host } from './terminal.ts';

export type TestHost = Host & { home: string; out(): string; err(): string; [Symbol.asyncDispose](): Promise<void> };

export async function createTestHost(env: Record<string, string> = {}): Promise<TestHost> {
  const home = await mkdtemp(join(tmpdir(), 'bine-cli-'));
  const keep = () => {
    const stream = new PassThrough().setEncoding('utf8');
    let text = '';
    stream.on('data', (chunk: string) => (text += chunk));
    return { stream: stream as unknown as NodeJS.WriteStream, text: () => text };
  };
  const [out, err] = [keep(), keep()];
  return {
    env: { PATH: process.env.PATH, BINE_HOME: home, BINE_COMMAND: 'bine', ...env },
    stdin: new PassThrough() as unknown as NodeJS.ReadStream,
    stdout: out.stream,
    stderr: err.stream,
    signal: new AbortController().signal,
    home,
    out: out.text,
    err: err.text,
    [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }),
  };
}

/** Runs one command and tells how it went. */
export async function bine(words: string, env: Record<string, string> = {}): Promise<{ code: number; out: string; err: string }> {
  await using host = await createTestHost(env);
  const code = await runCommandLine(words.split(' ').filter(Boolean), host);
  return { code, out: host.out(), err: host.err() };
}
