/** A project's files. Their bytes travel over the plain routes of `fileContent`, in any size. */
import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { InProject, Nothing, ProjectName, ProjectPath, Time, procedure, wholeNumber } from './base.ts';
import { fileContentPath } from './paths.ts';

export const FileStat = z.object({
  path: ProjectPath,
  type: z.enum(['file', 'directory', 'symlink', 'other']),
  size: z.int().describe('Bytes'),
  created: Time,
  modified: Time,
  etag: z.string().describe('Changes whenever the content may have changed; send it back as If-Match'),
  executable: z.literal(true).optional().describe('Of a file: it can be run as a program'),
  link: z.literal(true).optional().describe('Reached through a symbolic link; the rest describes what it leads to'),
});
/** `symlink` is a link that leads nowhere or out of the project: it can be renamed and deleted, not followed. */
export type FileStat = z.infer<typeof FileStat>;

/** One page of a folder. */
export const FileList = z.object({
  entries: z.array(FileStat),
  next: z.string().nullable().describe('There is more after this page: send it as `after`. null: this was all'),
  total: z.int().describe('How many names the folder holds'),
});
export type FileList = z.infer<typeof FileList>;

/** `reset`: changes may have been missed; read again what you show. */
export const FileChange = z.object({
  type: z.enum(['created', 'changed', 'deleted', 'reset']),
  path: ProjectPath,
});
export type FileChange = z.infer<typeof FileChange>;

export const BinnedFile = z.object({ id: z.string(), path: ProjectPath, deleted: Time, type: FileStat.shape.type });
export type BinnedFile = z.infer<typeof BinnedFile>;

/**
 * GET, HEAD and PUT of a file's bytes: streamed, never buffered. GET honours `Range`; PUT is atomic and honours
 * `If-Match: "etag"` and `If-None-Match: *`, and answers with the new {@link FileStat}.
 */
export const fileContent = {
  path: fileContentPath,
  query: z.strictObject({
    path: ProjectPath,
    executable: z.enum(['true', 'false']).optional().describe('Of PUT. Default: as the file that is replaced, else not'),
  }),
  read: { scope: 'files:read', role: 'viewer' },
  write: { scope: 'files:write', role: 'data-scientist' },
} as const;

const InProjectAt = z.strictObject({ project: ProjectName, path: ProjectPath });
const FromTo = z.strictObject({
  project: ProjectName,
  from: ProjectPath,
  to: ProjectPath,
  overwrite: z.boolean().default(false),
});
const read = { scope: 'files:read', role: 'viewer' } as const;
const write = { scope: 'files:write', role: 'data-scientist' } as const;
const tags = ['Files'];

export const files = {
  list: procedure
    .meta(read)
    .route({ method: 'GET', path: '/projects/{project}/files', summary: 'List a folder in pages, by name', tags })
    .input(
      InProjectAt.extend({
        path: ProjectPath.default(''),
        after: z
          .string()
          .max(1024)
          .optional()
          .describe('`next` of the page before. What comes and goes between two pages moves nothing else'),
        limit: wholeNumber(1, 10_000).default(1000),
      }),
    )
    .output(FileList),
  stat: procedure
    .meta(read)
    .route({ method: 'GET', path: '/projects/{project}/files/stat', summary: 'Describe a file or folder', tags })
    .input(InProjectAt)
    .output(FileStat),
  mkdir: procedure
    .meta(write)
    .route({
      method: 'POST',
      path: '/projects/{project}/files/folders',
      successStatus: 201,
      summary: 'Create a folder and its parents',
      tags,
    })
    .input(InProjectAt)
    .output(FileStat),
  rename: procedure
    .meta(write)
    .route({ method: 'POST', path: '/projects/{project}/files/rename', summary: 'Rename or move', tags })
    .input(FromTo)
    .output(FileStat),
  copy: procedure
    .meta(write)
    .route({ method: 'POST', path: '/projects/{project}/files/copy', summary: 'Copy a file or a folder with its content', tags })
    .input(FromTo)
    .output(FileStat),
  delete: procedure
    .meta(write)
    .route({ method: 'POST', path: '/projects/{project}/files/delete', summary: 'Put a file or folder into the bin', tags })
    .input(InProjectAt.extend({ forever: z.boolean().default(false).describe('Past the bin; cannot be undone') }))
    .output(z.object({ bin: z.string().nullable().describe('Its id in the bin') })),
  listBin: procedure
    .meta(read)
    .route({ method: 'GET', path: '/projects/{project}/bin', summary: 'List the files in the bin', tags })
    .input(InProject)
    .output(z.array(BinnedFile)),
  restore: procedure
    .meta(write)
    .route({ method: 'POST', path: '/projects/{project}/bin/{id}/restore', summary: 'Take a file out of the bin', tags })
    .input(z.strictObject({ project: ProjectName, id: z.string().max(64) }))
    .output(FileStat),
  emptyBin: procedure
    .meta(write)
    .route({ method: 'POST', path: '/projects/{project}/bin/empty', summary: 'Delete the files in the bin for good', tags })
    .input(InProject)
    .output(Nothing),
  watch: procedure
    .meta(read)
    .route({ method: 'GET', path: '/projects/{project}/files/changes', summary: 'Changes in the file system, as they happen', tags })
    .input(InProject)
    .output(eventIterator(FileChange, Nothing)),
};
