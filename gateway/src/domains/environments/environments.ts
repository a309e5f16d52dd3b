/**
 * Environments: the bundled ones, found ready or built on first use, and those of projects, which are changed from revision to revision.
 * A project's own go before bundled ones of the same name.
 */
import type { BuildLine, Environment, FoundPackage, Package } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import { createBundled } from './bundled.ts';
import { createChanges } from './changes.ts';
import { cloneActions, describeClone } from './clones.ts';
import { createContents, packageName, toPackages } from './contents.ts';
import { beginning, installActions } from './installs.ts';
import { createFind } from './parts.ts';
import { catchUp } from './perform.ts';
import type { Clone, EnvironmentsParts, Hooks, Named, Parts } from './parts.ts';

/** What something is started in. */
export type Ready = {
  /** The image's digest. */
  image: string;
  /** null: bundled. */
  revision: number | null;
};

/** An environment as other domains name it. */
export type InProject = { projectId: string; environment: string };

export type Environments = ReturnType<typeof createEnvironments>;

const tellMilliseconds = 30_000;
const mostVersions = 50;

export function createEnvironments(options: EnvironmentsParts) {
  const bundled = createBundled(options);
  const hooks: Hooks = { users: [], renamed: [], joined: [], revised: [] };
  const parts: Parts = { ...options, bundled, contents: createContents(options), hooks, find: createFind(options, bundled) };
  const changes = createChanges(parts, async (clone) => {
    const now = await options.rows.byId(clone.id);
    if (!now) return;
    const data = await describeClone(all, { ...now, project: clone.project }, AbortSignal.timeout(tellMilliseconds));
    options.events.publish({ type: 'environment.changed', project: clone.project, data }, clone.projectId);
  });
  const all = { ...parts, changes };

  return {
    ...lookingAt(all),
    ...startingIn(all),
    ...cloneActions(all),
    ...installActions(all),
    /** Who uses an environment is asked before it is deleted. */
    addUsers: (users: Hooks['users'][number]) => void hooks.users.push(users),
    onRenamed: (follow: Hooks['renamed'][number]) => void hooks.renamed.push(follow),
    onJoined: (join: Hooks['joined'][number]) => void hooks.joined.push(join),
    /** There is a new revision. Who changed the environment waits for what this does. */
    onRevised: (follow: Hooks['revised'][number]) => void hooks.revised.push(follow),

    /** Clears up after a gateway that died while it built or changed something. */
    async reconcile(signal: AbortSignal): Promise<void> {
      await changes.endTheDead();
      await bundled.reconcile(signal);
      await options.builders.removeOldCaches(async (id) => (await options.projects.byId(id)) !== null, signal);
      await options.projectImages.removeUnknown(await options.rows.images(), signal);
    },

    /** What runs in revisions that are not the newest: a gateway died before it had brought the change there. */
    async catchUp(inUse: (InProject & { revision: number })[], signal: AbortSignal): Promise<void> {
      const behind = new Map<string, Clone>();
      for (const { projectId, environment, revision } of inUse) {
        const record = await options.rows.byName(projectId, environment);
        const project = await options.projects.byId(projectId);
        if (record && project && record.revision !== revision) behind.set(record.id, { ...record, project: project.name });
      }
      for (const clone of behind.values()) await catchUp(parts, clone, signal);
    },

    async [Symbol.asyncDispose](): Promise<void> {
      await changes.stop();
      await bundled[Symbol.asyncDispose]();
      await options.builders[Symbol.asyncDispose]();
    },
  };
}

type All = Parts & { changes: ReturnType<typeof createChanges> };

function lookingAt(all: All) {
  const { projects, rows, bundled, contents, find, changes, logs } = all;

  async function logOf(clone: Clone, wanted: string | undefined): Promise<string> {
    const change = wanted === undefined ? (await rows.changes(clone.id, 1))[0] : await rows.change(wanted);
    if (change?.environmentId === clone.id) return change.id;
    throw new Problem('not-found', wanted ? `"${clone.name}" has no change "${wanted}".` : `"${clone.name}" was not changed yet.`);
  }

  return {
    async list(project: string, signal: AbortSignal): Promise<Environment[]> {
      const { id } = await projects.folder(project);
      const own = await rows.ofProject(id);
      const names = new Set(own.map(({ name }) => name));
      const described = own.map((record) => describeClone(all, { ...record, project }, signal));
      return [...(await Promise.all(described)), ...(await bundled.list(signal)).filter(({ name }) => !names.has(name))];
    },

    async get(named: Named, signal: AbortSignal): Promise<Environment> {
      const found = await find.any(named);
      return 'clone' in found ? describeClone(all, found.clone, signal) : bundled.describe(found.recipe, signal);
    },

    /** Begins a build unless it is ready or being built, and answers at once. */
    async build(named: Named, signal: AbortSignal): Promise<Environment> {
      const found = await find.any(named);
      return 'clone' in found ? describeClone(all, found.clone, signal) : bundled.build(found.recipe, signal);
    },

    /** Of what is under way. @throws Problem `conflict` when nothing is */
    async cancelBuild(named: Named, user: string, signal: AbortSignal): Promise<Environment> {
      const found = await find.any(named);
      if ('recipe' in found) return bundled.cancel(found.recipe, signal);
      const { id, name } = found.clone;
      if (!changes.active(id)) throw new Problem('conflict', `"${name}" is not being changed, so there is nothing to cancel.`);
      await changes.cancelAll(id, `${user} cancelled it.`);
      return describeClone(all, found.clone, signal);
    },

    /** Of the last build or change, or a certain one, from its first line, then live until it ends. */
    async log({ change, ...named }: Named & { change?: string | undefined }, signal: AbortSignal): Promise<AsyncIterable<BuildLine>> {
      const found = await find.any(named);
      if ('recipe' in found) return bundled.log(found.recipe, signal);
      const log = await logs.read(await logOf(found.clone, change), signal);
      if (log) return log;
      throw new Problem('not-found', `The log of that change of "${named.environment}" is not there any more.`);
    },

    /** Package indexes know exact names only. */
    async search({ text, ...named }: Named & { text: string }, signal: AbortSignal): Promise<FoundPackage[]> {
      const found = await find.any(named);
      const name = packageName(text);
      const answer = name === null ? null : await all.index.find(name, signal);
      if (!answer) return [];
      const image =
        'clone' in found ? (await rows.revision(found.clone.id, found.clone.revision))!.image : await bundled.find(found.recipe, signal);
      const installed = image && (await contents.known(image))?.find((one) => one.name === name);
      return [{ ...answer, versions: answer.versions.slice(0, mostVersions), installed: installed ? installed.version : null }];
    },

    async packages(named: Named, signal: AbortSignal): Promise<Package[]> {
      const found = await find.any(named);
      if ('clone' in found) {
        const { image, direct } = (await rows.revision(found.clone.id, found.clone.revision))!;
        return toPackages(await contents.of(image, signal), direct, await beginning(all, found.clone));
      }
      const { recipe } = found;
      const image = await bundled.find(recipe, signal);
      if (!image) throw new Problem('conflict', `"${recipe.name}" was not built yet. Build it to see its packages.`);
      const direct = recipe.packages.map(packageName).filter((name) => name !== null);
      return toPackages(await contents.of(image, signal), direct, null);
    },
  };
}

function startingIn({ rows, bundled, projects }: All) {
  async function find({ projectId, environment }: InProject): Promise<Ready | null> {
    const clone = await rows.byName(projectId, environment);
    if (!clone) return null;
    const { image, number } = (await rows.revision(clone.id, clone.revision))!;
    return { image, revision: number };
  }

  async function recipeOf({ projectId, environment }: InProject) {
    const recipe = bundled.recipe(environment);
    if (recipe) return recipe;
    const own = (await rows.ofProject(projectId)).map(({ name }) => name);
    const project = (await projects.byId(projectId))?.name ?? projectId;
    const there = [...own, ...bundled.names].join(', ');
    throw new Problem('not-found', `There is no environment "${environment}" in the project "${project}". There are: ${there}.`);
  }

  return {
    /** null: it has to be built first. @throws Problem `not-found` */
    async find(wanted: InProject, signal: AbortSignal): Promise<Ready | null> {
      const own = await find(wanted);
      if (own) return own;
      const image = await bundled.find(await recipeOf(wanted), signal);
      return image === null ? null : { image, revision: null };
    },

    /** Builds it if need be. @throws Problem `build-failed` or `cancelled` */
    async ensure(wanted: InProject, signal: AbortSignal): Promise<Ready> {
      const own = await find(wanted);
      return own ?? { image: await bundled.ensure(await recipeOf(wanted), signal), revision: null };
    },
  };
}
