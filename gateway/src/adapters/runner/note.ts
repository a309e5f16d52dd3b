/** A word of ours behind the log of a runner that has ended: a segment of its own, as images/supervisor/README.md has them. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { at, codeOf, openFolder } from '../disk/descriptors.ts';
import type { Note } from '../../ports/job-agent.ts';

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;

/** Once: what is there already stays. */
export async function addNote(directory: string, { after, text }: Note): Promise<void> {
  await using folder = await openFolder(directory);
  const name = `log-${String(after + 1).padStart(16, '0')}`;
  const file = await open(at({ directory: folder, name }), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o644).catch(unlessThere);
  if (!file) return;
  await using _ = file;
  await file.writeFile(`${JSON.stringify({ seq: after + 1, time: Date.now() / 1000, stream: 'system', text })}\n`);
}

function unlessThere(error: unknown): null {
  if (codeOf(error) === 'EEXIST') return null;
  throw error;
}
