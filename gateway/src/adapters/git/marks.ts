/** Which repositories Git is changing at this moment, in files, so that after a crash those and no others are tidied up. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { newId } from '../../lib/id.ts';
import { ifThere } from '../../lib/if-there.ts';
import type { Mark, Marks } from '../../ports/git/repository.ts';

const markFile = z.object({
  projectId: z.string(),
  path: z.string(),
  since: z.number(),
}) satisfies z.ZodType<Mark>;

export function createMarks(folder: string): Marks {
  const remover = (file: string): AsyncDisposable => ({ [Symbol.asyncDispose]: () => rm(file, { force: true }) });
  return {
    async set(mark) {
      const file = join(folder, newId());
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(file, JSON.stringify(mark), { flag: 'wx' });
      return remover(file);
    },
    async left() {
      const names = (await ifThere(readdir(folder))) ?? [];
      const files = names.map((name) => join(folder, name));
      const marks = await Promise.all(files.map(async (file) => ({ mark: await readMark(file), file })));
      // Half a file was being written when the gateway died, before Git began.
      for (const { mark, file } of marks) if (!mark) await rm(file, { force: true });
      return marks.flatMap(({ mark, file }) => (mark ? [{ ...mark, ...remover(file) }] : []));
    },
  };
}

/** null: it is no whole mark. */
async function readMark(file: string): Promise<Mark | null> {
  const text = await readFile(file, 'utf8');
  try {
    return markFile.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
