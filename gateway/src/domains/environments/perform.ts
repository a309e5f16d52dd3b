/** One change from its begin to the new revision. Until the one transaction that says so, the environment is as it was. */
import type { PackageChanges } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { Builder, WantedPackages } from '../../ports/builders.ts';
import type { ChangeRecord, RevisionRecord } from '../../ports/state/environments.ts';
import type { ImagePackage } from '../../ports/packages.ts';
import { packageName } from './contents.ts';
import { differences, isNothing, summaryOf } from './differences.ts';
import { imageGone } from './parts.ts';
import type { Clone, Parts } from './parts.ts';
import { packEarly } from './pack-early.ts';
import { createTransition } from './transition.ts';
import { useWithSecrets } from './with-secrets.ts';

/** What is to be done: packages, whose files are opened when their turn comes, or a revision to go back to. */
export type Work = { install: () => Promise<WantedPackages & AsyncDisposable> } | { rollbackTo: RevisionRecord };

export type Performance = {
  clone: Clone;
  record: ChangeRecord;
  work: Work;
  signal: AbortSignal;
  say: (text: string) => void;
  note: (news: Partial<ChangeRecord>) => Promise<void>;
};

/** @returns what was done, in a line */
export type Perform = (performance: Performance) => Promise<string>;

/** What is said when everything was there. */
export const nothingChanged = 'Everything was as it was asked for; nothing was changed.';

/** What runs in the environment with the packages of an earlier revision gets those of the newest. */
export async function catchUp(parts: Parts, clone: Clone, signal: AbortSignal): Promise<void> {
  const { rows, contents, builders } = parts;
  const { number, image } = (await rows.revision(clone.id, clone.revision))!;
  const packages = await contents.of(image, signal);
  await builders.use({ image, project: clone.projectId }, signal, async (builder) => {
    const pack = (names: string[]) => builder.pack(names, signal);
    await follow(parts, clone, createTransition(rows, clone.id, { number, packages, pack }));
  });
}

export function createPerform(parts: Parts): Perform {
  const { rows, projectImages } = parts;
  return async (performance) => {
    const { clone, work, signal } = performance;
    const { revision: number } = (await rows.byId(clone.id)) ?? clone;
    const now = (await rows.revision(clone.id, number))!;
    if ('rollbackTo' in work) return rollBack(parts, performance, { now, target: work.rollbackTo });
    if (!(await projectImages.find(now.image, signal))) throw new Problem('conflict', imageGone(clone.name));
    const { id, user, secrets } = performance.record;
    const where = { image: now.image, project: clone.projectId };
    return useWithSecrets(parts, { id, where, user, secrets, signal }, (builder) =>
      install(parts, performance, { now, builder, open: work.install }),
    );
  };
}

type Installing = { now: RevisionRecord; builder: Builder; open: () => Promise<WantedPackages & AsyncDisposable> };

async function install(parts: Parts, performance: Performance, { now, builder, open }: Installing): Promise<string> {
  const { contents } = parts;
  const { record, signal, say, note } = performance;
  await using wanted = await open();
  const resolving = note({ state: 'resolving' });
  const before = await contents.of(now.image, signal);
  const onLine = (line: string) => {
    say(line);
    // What uv says once it knows what to do.
    if (record.state === 'resolving' && /^(Resolved|Uninstalled|Downloading|Prepared) /.test(line))
      note({ state: 'installing' }).catch(parts.onError);
  };
  const [after] = await Promise.all([builder.change(wanted, { signal, onLine }), resolving]);
  const found = withKnown(after, before);
  const changes = differences(before, found);
  if (isNothing(changes)) {
    await note({ state: 'succeeded', ended: new Date().toISOString() });
    return nothingChanged;
  }
  return await save(parts, performance, { now, builder, changes, found });
}

type Saving = { now: RevisionRecord; builder: Builder; changes: PackageChanges; found: ImagePackage[] };

/** The engine, the index and the disk are waited for side by side. */
async function save(parts: Parts, performance: Performance, { now, builder, changes, found }: Saving): Promise<string> {
  const { rows, projectImages } = parts;
  const { clone, record, signal, note } = performance;
  const name = projectImages.nameOf(clone.id, record.id);
  const beside = Promise.all([
    packEarly(parts, { clone, now, changes, builder, signal }),
    builder.fits(signal),
    withAsked(found, builder, signal),
    note({ state: 'saving' }),
  ]);
  const [keeping, rest] = await Promise.allSettled([builder.keep(name), beside]);
  if (keeping.status === 'rejected') throw keeping.reason;
  const image = keeping.value;
  try {
    if (rest.status === 'rejected') throw rest.reason;
    const [pack, , packages] = rest.value;
    const direct = directAfter(now.direct, record, { changes, after: packages });
    const revision = { ...revisionAfter(now, record), action: 'change' as const, summary: summaryOf(changes), changes, direct, image };
    await succeed(parts, performance, { revision, packages });
    await follow(parts, clone, createTransition(rows, clone.id, { number: revision.number, packages, pack }));
    parts.builders.warm({ image, project: clone.projectId });
    return `Revision ${revision.number}: ${revision.summary}`;
  } catch (error) {
    if (record.state !== 'succeeded') await projectImages.letGo(name);
    throw error;
  }
}

async function rollBack(
  parts: Parts,
  performance: Performance,
  { now, target }: { now: RevisionRecord; target: RevisionRecord },
): Promise<string> {
  const { projectImages, contents } = parts;
  const { clone, record, signal } = performance;
  if (!(await projectImages.find(target.image, signal))) throw new Problem('conflict', imageGone(clone.name));
  await performance.note({ state: 'saving' });
  const [before, after] = [await contents.of(now.image, signal), await contents.of(target.image, signal)];
  const summary = `Back to revision ${target.number}`;
  const { image, direct } = target;
  const made = { action: 'rollback' as const, summary, changes: differences(before, after), direct, image, rollbackTo: target.number };
  const revision = { ...revisionAfter(now, record), ...made };
  await succeed(parts, performance, { revision, packages: null });
  await catchUp(parts, { ...clone, revision: revision.number }, signal);
  return `Revision ${revision.number}: ${summary}`;
}

function revisionAfter(now: RevisionRecord, { id, user, environmentId }: ChangeRecord) {
  return { environmentId, number: now.number + 1, time: new Date().toISOString(), user, change: id, rollbackTo: null };
}

/** From here on it is so, whatever happens. */
async function succeed(
  { rows }: Parts,
  { record, signal }: Performance,
  { revision, packages }: { revision: RevisionRecord; packages: ImagePackage[] | null },
): Promise<void> {
  signal.throwIfAborted();
  const ended = { state: 'succeeded', revision: revision.number, ended: new Date().toISOString() } as const;
  await rows.revise(revision, { ...record, ...ended }, packages);
  Object.assign(record, ended);
}

/** What runs in the environment gets the change too. That it cannot is no failure of the change. */
async function follow({ hooks, rows, onError }: Parts, clone: Clone, { number, transition }: ReturnType<typeof createTransition>) {
  const environment = (await rows.byId(clone.id))?.name ?? clone.name;
  const revised = { projectId: clone.projectId, environment, revision: number, transition };
  await Promise.all(hooks.revised.map((hook) => hook(revised).catch(onError)));
}

/** What the index told before need not be asked again; and where a wheel was looked at, it is gone now. */
function withKnown(after: ImagePackage[], before: ImagePackage[]): ImagePackage[] {
  const known = new Map(before.map((one) => [one.name, one]));
  return after.map((one) => {
    const old = known.get(one.name);
    const same = old?.version === one.version && old.source === one.source && old.from === one.from;
    return same && one.hashes.length === 0 ? { ...one, hashes: old.hashes } : one;
  });
}

/** What only the index can tell of. */
async function withAsked(packages: ImagePackage[], builder: Builder, signal: AbortSignal): Promise<ImagePackage[]> {
  const pin = ({ name, version }: ImagePackage) => `${name}==${version}`;
  const lacking = packages.filter(({ source, hashes }) => source === 'index' && hashes.length === 0);
  const hashes = await builder.hashes(lacking.map(pin), signal);
  return packages.map((one) => (lacking.includes(one) ? { ...one, hashes: hashes[pin(one)] ?? [] } : one));
}

type Asked = Pick<ChangeRecord, 'install' | 'uninstall'>;
type Made = { changes: PackageChanges; after: ImagePackage[] };

/** What was asked for by name, and what came from files and repositories, which have no name before they are looked at. */
function directAfter(direct: string[], { install, uninstall }: Asked, { changes, after }: Made): string[] {
  const gone = new Set([...uninstall.map((one) => packageName(one)), ...changes.removed.map(({ name }) => name)]);
  const asked = install.map(packageName).filter((name) => name !== null);
  const fresh = new Set([...changes.added, ...changes.updated].map(({ name }) => name));
  const given = after.filter(({ name, source }) => source !== 'index' && fresh.has(name)).map(({ name }) => name);
  return [...new Set([...direct, ...asked, ...given])].filter((name) => !gone.has(name));
}
