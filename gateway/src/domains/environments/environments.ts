/** Environments: found ready or built on first use, one build at a time for each, with a log that outlives the gateway. */
import type { BuildLine, Environment } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { BuildLogs } from '../../adapters/disk/build-logs.ts';
import type { EnvironmentImages } from '../../adapters/images/environment-images.ts';
import type { Recipe } from '../../adapters/images/recipes.ts';
import type { Events } from '../events/events.ts';
import { createBuilds } from './builds.ts';
import type { Outcome } from './builds.ts';

export type Environments = {
  list(signal: AbortSignal): Promise<Environment[]>;
  get(name: string, signal: AbortSignal): Promise<Environment>;
  /** Begins a build unless it is ready or being built, and answers at once. */
  build(name: string, signal: AbortSignal): Promise<Environment>;
  /** @throws Problem `conflict` when nothing is being built */
  cancelBuild(name: string, signal: AbortSignal): Promise<Environment>;
  /** The last build's log from its first line, then live until it ends. */
  log(name: string, signal: AbortSignal): Promise<AsyncIterable<BuildLine>>;
  /** The image's digest if it is ready. @throws Problem `not-found` */
  find(name: string, signal: AbortSignal): Promise<string | null>;
  /** Builds it if need be. @returns the image's digest. @throws Problem `build-failed` or `cancelled` */
  ensure(name: string, signal: AbortSignal): Promise<string>;
  /** Clears up after a gateway that died while it built. */
  reconcile(signal: AbortSignal): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

export type EnvironmentsParts = {
  recipes: Recipe[];
  images: EnvironmentImages;
  logs: BuildLogs;
  events: Pick<Events, 'publish'>;
};

export function createEnvironments({ recipes, images, logs, events }: EnvironmentsParts): Environments {
  const known = new Map(recipes.map((recipe) => [recipe.name, recipe]));
  const builds = createBuilds({
    images,
    logs,
    onChange: (recipe, outcome) => events.publish({ type: 'environment.changed', project: null, data: toEnvironment(recipe, outcome) }),
  });

  function recipeOf(name: string): Recipe {
    const recipe = known.get(name);
    if (recipe) return recipe;
    throw new Problem('not-found', `There is no environment "${name}". There are: ${[...known.keys()].join(', ')}.`);
  }

  async function describe(recipe: Recipe, signal: AbortSignal): Promise<Environment> {
    if (builds.running(recipe.name)) return toEnvironment(recipe, 'building');
    const image = await images.find(recipe, signal);
    if (image) return toEnvironment(recipe, image);
    const last = await logs.last(recipe.name);
    return toEnvironment(recipe, last?.done === 'failed' ? new Problem('build-failed', last.text) : null);
  }

  return {
    list: (signal) => Promise.all(recipes.map((recipe) => describe(recipe, signal))),
    get: async (name, signal) => describe(recipeOf(name), signal),
    async build(name, signal) {
      const recipe = recipeOf(name);
      // Both answers at once: a build that ends in between is ready.
      if (!builds.running(name) && !(await images.find(recipe, signal))) builds.begin(recipe);
      return describe(recipe, signal);
    },
    async cancelBuild(name, signal) {
      const recipe = recipeOf(name);
      await builds.cancel(name);
      return describe(recipe, signal);
    },
    async log(name, signal) {
      const log = await logs.read(recipeOf(name).name, signal);
      if (log) return log;
      throw new Problem('not-found', `"${name}" has no build log: it was not built by this gateway yet.`);
    },
    find: async (name, signal) => (await images.find(recipeOf(name), signal))?.id ?? null,
    async ensure(name, signal) {
      const recipe = recipeOf(name);
      const ready = builds.running(name) ? null : await images.find(recipe, signal);
      return (ready ?? (await builds.join(recipe, signal))).id;
    },
    async reconcile(signal) {
      await images.removeLeftovers(signal);
      for (const { name } of recipes) await builds.endLogOfTheDead(name);
    },
    [Symbol.asyncDispose]: () => builds.stop(),
  };
}

/** null: it was never built, or its image is gone. */
function toEnvironment({ name, title, purpose, description, packages }: Recipe, outcome: Outcome | null): Environment {
  const fixed = { name, title, purpose, description, packages, bundled: true };
  const empty = { problem: null, image: null, built: null };
  if (outcome === 'building') return { ...fixed, ...empty, state: 'building' };
  if (outcome === null || (outcome instanceof Problem && outcome.code === 'cancelled')) return { ...fixed, ...empty, state: 'absent' };
  if (outcome instanceof Problem) return { ...fixed, ...empty, state: 'failed', problem: outcome.message };
  return { ...fixed, ...empty, state: 'ready', image: outcome.id, built: new Date(outcome.created).toISOString() };
}
