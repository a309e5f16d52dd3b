/** What nobody is to see: typed without an echo on a terminal, else all of stdin. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Host } from './terminal.ts';

/** @throws AbortError after Ctrl+C, which a terminal that is read key by key gives as a key */
export async function readSecret({ stdin, stderr, signal }: Host, question: string): Promise<string> {
  if (!stdin.isTTY) return text(stdin);
  stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: stdin, output: silent, terminal: true });
  try {
    return await reader.question('', { signal });
  } finally {
    reader.close();
    stderr.write('\n');
  }
}
