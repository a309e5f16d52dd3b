/** Installing, uninstalling, going back, and what came of it. */
import type { Change, Preview, Revision } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { WantedPackages } from '../../ports/builders.ts';
import type { ChangeRecord, RevisionRecord } from '../../ports/state/environments.ts';
import type { ImagePackage } from '../../ports/packages.ts';
import { newId } from '../../lib/id.ts';
import type { OpenFile } from '../files/files.ts';
import { toChange } from './changes.ts';
import type { Changes } from './changes.ts';
import { toPackages } from './contents.ts';
import { readPlan } from './differences.ts';
import { lockOf } from './lock.ts';
import { imageGone } from './parts.ts';
import type { Clone, Named, Parts } from './parts.ts';
import { readRequested } from './requested.ts';
import type { Requested } from './requested.ts';
import { useWithSecrets, usesOf } from './with-secrets.ts';

export type ChangeWanted = Named & Requested & { idempotencyKey?: string | undefined };

type InstallParts = Parts & { changes: Changes };

const previewMilliseconds = 5 * 60_000;
const mostListed = 100;

export function installActions(parts: InstallParts) {
  const { rows, find, changes } = parts;

  return {
    async preview(wanted: Named & Requested, user: string, signal: AbortSignal): Promise<Preview> {
      readRequested(wanted);
      const clone = await find.clone(wanted);
      const { image } = (await rows.revision(clone.id, clone.revision))!;
      const within = AbortSignal.any([signal, AbortSignal.timeout(previewMilliseconds)]);
      if (!(await parts.projectImages.find(image, within))) throw new Problem('conflict', imageGone(clone.name));
      const lines: string[] = [];
      await using opened = await open(parts, wanted);
      const { projectId } = clone;
      const using = { id: newId(), where: { image, project: projectId }, user, secrets: wanted.secrets ?? [], signal: within };
      await useWithSecrets(parts, using, (builder) => builder.preview(opened, { signal: within, onLine: (line) => lines.push(line) }));
      return { lines, ...readPlan(lines) };
    },

    async change(wanted: ChangeWanted, user: string): Promise<Change> {
      const install = readRequested(wanted);
      const clone = await find.clone(wanted);
      // Whether the wheels are there is known at once; they are opened again when it is their turn.
      await using _opened = await open(parts, wanted);
      const { uninstall, secrets = [] } = wanted;
      await parts.secrets.check({ projectId: clone.projectId, user, secrets: usesOf(secrets) });
      const record = changeRecord(clone, { action: 'change', install, uninstall, secrets, user });
      const change = { ...record, idempotencyKey: wanted.idempotencyKey ?? null };
      return await changes.begin(clone, change, { install: () => open(parts, wanted) });
    },

    async rollback({ revision: number, ...named }: Named & { revision: number }, user: string): Promise<Change> {
      const clone = await find.clone(named);
      const target = await revisionOf(parts, clone, number);
      if (number === clone.revision) throw new Problem('conflict', `"${clone.name}" is at revision ${number} already.`);
      const record = changeRecord(clone, { action: 'rollback', rollbackTo: number, user });
      return changes.begin(clone, record, { rollbackTo: target });
    },

    async cancelChange({ change, ...named }: Named & { change: string }, user: string): Promise<Change> {
      return changes.cancel(await find.clone(named), change, user);
    },

    async changes(named: Named): Promise<Change[]> {
      const clone = await find.clone(named);
      return (await rows.changes(clone.id, mostListed)).map((record) => toChange(record, clone.name));
    },

    async revisions(named: Named): Promise<Revision[]> {
      return (await rows.revisions((await find.clone(named)).id)).map(toRevision);
    },

    async revision({ revision: number, ...named }: Named & { revision: number }, signal: AbortSignal) {
      const clone = await find.clone(named);
      const record = await revisionOf(parts, clone, number);
      const packages = await parts.contents.of(record.image, signal);
      return {
        ...toRevision(record),
        packages: toPackages(packages, record.direct, await beginning(parts, clone)),
        lock: lockOf(packages),
      };
    },
  };
}

/** What came with what the environment was cloned from. null: nobody looked into that. */
export async function beginning({ rows, contents }: Parts, { id }: Clone): Promise<ImagePackage[] | null> {
  const first = await rows.revision(id, 1);
  return first && contents.known(first.image);
}

async function revisionOf({ rows }: Parts, clone: Clone, number: number): Promise<RevisionRecord> {
  const record = await rows.revision(clone.id, number);
  if (record) return record;
  throw new Problem('not-found', `"${clone.name}" has no revision ${number}; its last one is ${clone.revision}.`);
}

function toRevision({ environmentId: _id, direct: _direct, ...rest }: RevisionRecord): Revision {
  return rest;
}

type New = Pick<ChangeRecord, 'action' | 'user'> & Partial<Pick<ChangeRecord, 'install' | 'uninstall' | 'secrets' | 'rollbackTo'>>;

function changeRecord({ id: environmentId }: Clone, wanted: New): ChangeRecord {
  const fresh = { id: newId(), environmentId, state: 'queued' as const, submitted: new Date().toISOString() };
  const empty = { problem: null, ended: null, revision: null, idempotencyKey: null };
  return { install: [], uninstall: [], secrets: [], rollbackTo: null, ...wanted, ...fresh, ...empty };
}

/** With the project's wheels, which are closed with it. */
async function open({ files }: Parts, wanted: Named & Requested): Promise<WantedPackages & AsyncDisposable> {
  await using opening = new AsyncDisposableStack();
  const opened: { path: string; file: OpenFile }[] = [];
  for (const path of wanted.wheels) opened.push({ path, file: opening.use(await files.read({ project: wanted.project, path })) });
  const owned = opening.move();
  return {
    // A wheel is given as a file; the others by name.
    install: wanted.install,
    uninstall: wanted.uninstall,
    requirements: wanted.requirements ?? null,
    files: opened.map(({ path, file }) => ({ name: path.slice(path.lastIndexOf('/') + 1), size: file.stat.size, body: lazily(file) })),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Many are opened only to see that they are there. */
async function* lazily(file: OpenFile): AsyncIterable<Uint8Array> {
  yield* file.stream();
}
