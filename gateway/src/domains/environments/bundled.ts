/** The environments that come with Bine: the same in every project, built on first use, never changed. */
import type { BuildLine, Environment } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { BuildLogs } from '../../ports/build-logs.ts';
import type { EnvironmentImages, Recipe } from '../../ports/images.ts';
import type { Events } from '../events/events.ts';
import { createBuilds } from './builds.ts';
import type { Outcome } from './builds.ts';

export type BundledParts = {
  recipes: Recipe[];
  images: EnvironmentImages;
  logs: BuildLogs;
  events: Pick<Events, 'publish'>;
  /** @throws Problem `no-space` where the disk is too full for anything new */
  refuseNewWork?: (what: string) => void;
};

export type Bundled = ReturnType<typeof createBundled>;

export function createBundled({ recipes, images, logs, events, refuseNewWork = () => undefined }: BundledParts) {
  const known = new Map(recipes.map((recipe) => [recipe.name, recipe]));
  const builds = createBuilds({
    images,
    logs,
    refuseNewWork,
    onChange: (recipe, outcome) => events.publish({ type: 'environment.changed', project: null, data: toEnvironment(recipe, outcome) }),
  });

  async function describe(recipe: Recipe, signal: AbortSignal): Promise<Environment> {
    if (builds.running(recipe.name)) return toEnvironment(recipe, 'building');
    const image = await images.find(recipe, signal);
    if (image) return toEnvironment(recipe, image);
    const last = await logs.last(recipe.name);
    return toEnvironment(recipe, last?.done === 'failed' ? new Problem('build-failed', last.text) : null);
  }

  return {
    names: [...known.keys()],
    recipe: (name: string): Recipe | null => known.get(name) ?? null,
    list: (signal: AbortSignal): Promise<Environment[]> => Promise.all(recipes.map((recipe) => describe(recipe, signal))),
    describe,
    async build(recipe: Recipe, signal: AbortSignal): Promise<Environment> {
      // Both answers at once: a build that ends in between is ready.
      if (!builds.running(recipe.name) && !(await images.find(recipe, signal))) builds.begin(recipe);
      return describe(recipe, signal);
    },
    async cancel(recipe: Recipe, signal: AbortSignal): Promise<Environment> {
      await builds.cancel(recipe.name);
      return describe(recipe, signal);
    },
    async log({ name }: Recipe, signal: AbortSignal): Promise<AsyncIterable<BuildLine>> {
      const log = await logs.read(name, signal);
      if (log) return log;
      throw new Problem('not-found', `"${name}" has no build log: it was not built by this gateway yet.`);
    },
    find: async (recipe: Recipe, signal: AbortSignal): Promise<string | null> => (await images.find(recipe, signal))?.id ?? null,
    async ensure(recipe: Recipe, signal: AbortSignal): Promise<string> {
      const ready = builds.running(recipe.name) ? null : await images.inspect(recipe, signal);
      return (ready ?? (await builds.join(recipe, signal))).id;
    },
    async reconcile(signal: AbortSignal): Promise<void> {
      await images.removeLeftovers(signal);
      for (const { name } of recipes) await builds.endLogOfTheDead(name);
    },
    [Symbol.asyncDispose]: () => builds.stop(),
  };
}

/** null: it was never built, or its image is gone. */
function toEnvironment({ name, title, purpose, description, packages }: Recipe, outcome: Outcome | null): Environment {
  const fixed = { name, project: null, title, purpose, description, packages, bundled: true, from: null, revision: null };
  const empty = { problem: null, image: null, built: null };
  if (outcome === 'building') return { ...fixed, ...empty, state: 'building' };
  if (outcome === null || (outcome instanceof Problem && outcome.code === 'cancelled')) return { ...fixed, ...empty, state: 'absent' };
  if (outcome instanceof Problem) return { ...fixed, ...empty, state: 'failed', problem: outcome.message };
  return { ...fixed, ...empty, state: 'ready', image: outcome.id, built: new Date(outcome.created).toISOString() };
}
