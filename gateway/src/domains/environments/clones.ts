/** The environments of projects: made from another one without a build, renamed, described, deleted. */
import type { Environment, EnvironmentUser } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { EnvironmentRecord, RevisionRecord } from '../../ports/state/environments.ts';
import { newId } from '../../lib/id.ts';
import type { Changes } from './changes.ts';
import { packageName } from './contents.ts';
import { imageGone } from './parts.ts';
import type { Clone, Named, Parts } from './parts.ts';

export type CloneWanted = Named & { name: string; description?: string | undefined; kernel?: string | undefined };

type CloneParts = Parts & { changes: Changes };

const firstTag = '1';

export function cloneActions(parts: CloneParts) {
  const { rows, projectImages, projects, events, hooks, find, bundled, changes } = parts;

  async function users({ projectId, name }: Clone): Promise<EnvironmentUser[]> {
    return (await Promise.all(hooks.users.map((ask) => ask(projectId, name)))).flat();
  }

  async function refuseName(projectId: string, name: string): Promise<void> {
    if (bundled.recipe(name)) throw new Problem('already-exists', `An environment "${name}" comes with Bine. Choose another name.`);
    if (await rows.byName(projectId, name)) throw taken(name);
  }

  async function join(clone: EnvironmentRecord, { environment, kernel, image }: Named & { kernel: string; image: string }): Promise<void> {
    try {
      for (const each of hooks.joined) await each({ projectId: clone.projectId, environment, clone: clone.name, kernel, image });
    } catch (error) {
      await erase(parts, clone, AbortSignal.timeout(60_000));
      throw error;
    }
  }

  const tell = async (clone: Clone, signal: AbortSignal) => {
    const data = await describeClone(parts, clone, signal);
    events.publish({ type: 'environment.changed', project: clone.project, data }, clone.projectId);
    return data;
  };

  return {
    async clone(wanted: CloneWanted, user: string, signal: AbortSignal): Promise<Environment> {
      const { project, name } = wanted;
      const { id: projectId } = await projects.folder(project);
      await refuseName(projectId, name);
      const { from, image, direct } = await originOf(parts, wanted, signal);
      const id = newId();
      const held = projectImages.nameOf(id, firstTag);
      // The name first: what is in the database has its image.
      await projectImages.hold(image, held, signal);
      const record = { id, projectId, name, source: from.name, purpose: from.purpose, revision: 1 };
      const clone = { ...record, description: wanted.description ?? from.description };
      if ((await rows.add(clone, firstRevision(clone, { user, image, direct }))) === 'name-taken') {
        await projectImages.letGo(held);
        throw taken(name);
      }
      if (wanted.kernel !== undefined) await join(clone, { ...wanted, kernel: wanted.kernel, image });
      // Whoever clones is about to change it.
      parts.builders.warm({ image, project: projectId });
      parts.contents.of(image, AbortSignal.timeout(60_000)).catch(parts.onError);
      return tell({ ...clone, project }, signal);
    },

    /** A name and a description; its kernels and jobs go along with the name. */
    async update(
      wanted: Named & { name?: string | undefined; description?: string | undefined },
      signal: AbortSignal,
    ): Promise<Environment> {
      const clone = await find.clone(wanted);
      const { name = clone.name, description = clone.description } = wanted;
      if (name !== clone.name) await refuseName(clone.projectId, name);
      if ((await rows.update(clone.id, { name, description })) === 'name-taken') throw taken(name);
      if (name !== clone.name) {
        for (const follow of hooks.renamed) await follow(clone.projectId, clone.name, name);
        const data = { name: clone.name, renamed: name };
        events.publish({ type: 'environment.removed', project: clone.project, data }, clone.projectId);
      }
      return tell({ ...clone, name, description }, signal);
    },

    async delete(named: Named, signal: AbortSignal): Promise<void> {
      const clone = await find.clone(named);
      if (changes.active(clone.id)) throw new Problem('conflict', `"${clone.name}" is being changed. Wait for it, or cancel the change.`);
      const using = await users(clone);
      if (using.length > 0) throw new Problem('conflict', `"${clone.name}" is used by ${listed(using)}. End or change them first.`);
      await erase(parts, clone, signal);
      events.publish({ type: 'environment.removed', project: clone.project, data: { name: clone.name, renamed: null } }, clone.projectId);
    },

    async users(named: Named): Promise<EnvironmentUser[]> {
      const { id: projectId } = await projects.folder(named.project);
      const found = await find.any(named);
      return 'clone' in found
        ? users(found.clone)
        : (await Promise.all(hooks.users.map((ask) => ask(projectId, found.recipe.name)))).flat();
    },

    /** The project is in the bin. */
    endProject: ({ id }: { id: string }): Promise<void> => changes.cancelProject(id, 'Its project was deleted.'),

    /** The project is deleted for good. */
    async forgetProject({ id }: { id: string }): Promise<void> {
      const signal = AbortSignal.timeout(120_000);
      await changes.cancelProject(id, 'Its project was deleted.');
      for (const record of await rows.ofProject(id)) await erase(parts, record, signal);
      await parts.builders.forgetProject(id).catch((error: unknown) => {
        // What the engine keeps of it goes at the next start.
        if (!(error instanceof Problem && error.code === 'engine-unavailable')) throw error;
      });
    },
  };
}

async function erase(
  { rows, logs, projectImages, builders }: Pick<Parts, 'rows' | 'logs' | 'projectImages' | 'builders'>,
  { id }: { id: string },
  signal: AbortSignal,
): Promise<void> {
  const changes = await rows.changes(id, Number.MAX_SAFE_INTEGER);
  const images = (await rows.revisions(id)).map(({ image }) => image);
  // The row first: an image that nobody knows is removed at the next start.
  await rows.remove(id);
  for (const change of changes) await logs.remove(change.id);
  await builders.letGo(images);
  await projectImages.remove(id, signal);
}

async function originOf({ bundled, find, rows }: CloneParts, wanted: Named, signal: AbortSignal) {
  const found = await find.any(wanted);
  if ('clone' in found) {
    const { image, direct } = (await rows.revision(found.clone.id, found.clone.revision))!;
    return { from: found.clone, image, direct };
  }
  const direct = found.recipe.packages.map(packageName).filter((name) => name !== null);
  return { from: found.recipe, image: await bundled.ensure(found.recipe, signal), direct };
}

type First = { user: string; image: string; direct: string[] };

function firstRevision({ id, source }: { id: string; source: string }, { user, image, direct }: First): RevisionRecord {
  const made = { number: 1, time: new Date().toISOString(), user, action: 'clone', summary: `Cloned from ${source}` } as const;
  const changes = { added: [], removed: [], updated: [] };
  return { ...made, environmentId: id, changes, direct, image, rollbackTo: null, change: null };
}

/** As it is now. */
export async function describeClone(parts: CloneParts, clone: Clone, signal: AbortSignal): Promise<Environment> {
  const { rows, contents, projectImages, changes } = parts;
  const { id, name, project, purpose, description, source } = clone;
  // It may have changed while it was looked at.
  const number = (await rows.byId(id))?.revision ?? clone.revision;
  const { image, direct } = (await rows.revision(id, number))!;
  const [known, found, [last]] = await Promise.all([contents.known(image), projectImages.find(image, signal), rows.changes(id, 1)]);
  const versions = new Map(known?.map((one) => [one.name, one.version]));
  const fixed = { name, project, title: name, purpose, description, bundled: false, from: source, revision: number };
  const packages = direct.map((one) => (versions.has(one) ? `${one}==${versions.get(one)}` : one));
  if (!found) return { ...fixed, packages, state: 'failed', problem: imageGone(name), image: null, built: null };
  const problem = last?.state === 'failed' ? last.problem : null;
  const state = changes.active(id) ? 'changing' : 'ready';
  return { ...fixed, packages, state, problem, image, built: new Date(found.created).toISOString() };
}

function taken(name: string): Problem {
  return new Problem('already-exists', `The project has an environment "${name}" already. Choose another name.`);
}

function listed(users: EnvironmentUser[]): string {
  return users.map(({ type, id, title }) => `the ${type} ${title === '' ? id : `"${title}"`}`).join(', ');
}
