/** Snapshots: sets of files by content, on which executions run. Only what the gateway lacks travels. */
import { z } from 'zod';
import { ProjectName, ProjectPath, procedure } from './base.ts';
import { snapshotBlobPath } from './paths.ts';

/** SHA-256 in hexadecimal. */
export const Digest = z.string().regex(/^[0-9a-f]{64}$/, 'use a SHA-256 as 64 lower-case hexadecimal digits');

export const SnapshotEntry = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('file'),
    path: ProjectPath.min(1),
    mode: z.int().min(0).max(0o777),
    sha256: Digest,
    size: z.int().min(0),
  }),
  z.strictObject({ type: z.literal('directory'), path: ProjectPath.min(1), mode: z.int().min(0).max(0o777) }),
]);
export type SnapshotEntry = z.infer<typeof SnapshotEntry>;

export const mostSnapshotEntries = 200_000;

/** Itself a blob, as JSON: its digest is the snapshot's. Folders are made as files need them; only empty or odd-moded ones must be named. */
export const SnapshotManifest = z.strictObject({ version: z.literal(1), entries: z.array(SnapshotEntry).max(mostSnapshotEntries) });
export type SnapshotManifest = z.infer<typeof SnapshotManifest>;

const write = { scope: 'jobs:write', role: 'data-scientist' } as const;

/** PUT of one content under its SHA-256, streamed: 201 new, 200 there already, 422 when the bytes have another digest. */
export const snapshotBlob = {
  path: snapshotBlobPath,
  params: z.object({ project: ProjectName, sha256: Digest }),
  query: z.strictObject({}),
  write,
} as const;

export const snapshots = {
  create: procedure
    .meta(write)
    .route({
      method: 'POST',
      path: '/projects/{project}/snapshots',
      successStatus: 201,
      summary: 'Make a snapshot of a manifest, or learn which contents have to be sent first, the manifest among them',
      tags: ['Jobs'],
    })
    .input(z.strictObject({ project: ProjectName, manifest: Digest.describe('Digest of the manifest') }))
    .output(z.object({ snapshot: Digest.nullable().describe('Null while contents are missing'), missing: z.array(Digest) })),
};
