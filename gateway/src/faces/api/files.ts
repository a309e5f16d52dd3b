/** The procedures of a project's files. */
import { withEventMeta } from '@orpc/server';
import type { Files } from '../../domains/files/files.ts';
import { trusted } from './base.ts';
import type { Implementer } from './base.ts';

export function fileHandlers(os: Implementer, files: Files) {
  return {
    list: trusted(os.files.list.handler(({ input }) => files.list(input))),
    stat: os.files.stat.handler(({ input }) => files.stat(input)),
    mkdir: os.files.mkdir.handler(({ input }) => files.mkdir(input)),
    rename: os.files.rename.handler(({ input, signal }) => files.rename(input, signal)),
    copy: os.files.copy.handler(({ input, signal }) => files.copy(input, signal)),
    delete: os.files.delete.handler(({ input, signal }) => files.delete(input, signal)),
    listBin: os.files.listBin.handler(({ input }) => files.listBin(input.project)),
    restore: os.files.restore.handler(({ input, signal }) => files.restore(input, signal)),
    emptyBin: os.files.emptyBin.handler(async ({ input, signal }) => {
      await files.emptyBin(input.project, signal);
      return {};
    }),
    watch: os.files.watch.handler(async function* ({ input, signal = new AbortController().signal, lastEventId }) {
      for await (const { id, change } of files.watch(input.project, { after: lastEventId, signal })) {
        yield withEventMeta({ ...change }, { id });
      }
      return {};
    }),
  };
}
