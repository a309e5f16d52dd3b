/** Hands a snapshot to the gateway: only contents travel that it lacks. */
import { createHash } from 'node:crypto';
import type { SnapshotManifest } from '@bine/shared';
import { snapshotBlobPath } from '@bine/shared/paths';
import { Problem } from '@bine/shared/problems';
import type { Snapshot } from './snapshot.ts';

type Created = { snapshot: string | null; missing: string[] };

export type SnapshotGateway = {
  create(input: { project: string; manifest: string }): Promise<Created>;
  /** @throws Problem */
  fetch(path: string, init: RequestInit): Promise<unknown>;
};

export type Sending = { project: string; signal: AbortSignal; report?: (sent: number, of: number) => void };

/** Contents on their way at a time. */
const lanes = 4;
/** The manifest, what it names, and once more for what was tidied up in between. */
const rounds = 4;

/** @returns the snapshot's digest. @throws Problem changed, when a file became another one meanwhile */
export async function sendSnapshot(gateway: SnapshotGateway, { entries, contents }: Snapshot, sending: Sending): Promise<string> {
  const { project, signal, report = () => {} } = sending;
  const text = JSON.stringify({ version: 1, entries } satisfies SnapshotManifest);
  const manifest = createHash('sha256').update(text).digest('hex');
  const all = new Map(contents).set(manifest, async () => new Blob([text]));

  async function put(sha256: string): Promise<void> {
    const open = all.get(sha256);
    if (!open) throw new Problem('internal', `The gateway asks for a content that is not in the snapshot: ${sha256}.`);
    const path = snapshotBlobPath.replace('{project}', project).replace('{sha256}', sha256);
    await gateway.fetch(path, { method: 'PUT', body: await open(), signal }).catch(explainChange);
  }

  for (let round = 0; round < rounds; round++) {
    signal.throwIfAborted();
    const { snapshot, missing } = await gateway.create({ project, manifest });
    if (snapshot) return snapshot;
    const waiting = [...missing];
    let sent = 0;
    const lane = async () => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        await put(next);
        report(++sent, missing.length);
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
  }
  throw new Problem('conflict', 'The gateway does not keep what it is sent. Its disk may be full: run "bine doctor" there.');
}

/** The gateway compares what came with its digest; a file that was written since is not what was read first. */
function explainChange(cause: unknown): never {
  const changed = (cause instanceof Problem && cause.code === 'invalid') || (cause as Error).name === 'NotReadableError';
  if (changed) throw new Problem('changed', 'A file was changed while it was being sent. Run the job again.', { cause });
  throw cause;
}
