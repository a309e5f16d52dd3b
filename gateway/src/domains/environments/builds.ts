/** Builds under way. A build belongs to nobody: it goes on when who started it leaves, and ends by itself or by being cancelled. */
import type { BuildLine } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { BuildLogs } from '../../ports/build-logs.ts';
import type { EnvironmentImages, Image, Recipe } from '../../ports/images.ts';
import { untilAborted } from '../../lib/until-aborted.ts';

export type Builds = {
  running(name: string): boolean;
  /** Begins a build, or none if one is under way. */
  begin(recipe: Recipe): void;
  /** Waits for the build under way, or a new one. */
  join(recipe: Recipe, signal: AbortSignal): Promise<Image>;
  /** @throws Problem `conflict` when nothing is being built */
  cancel(name: string): Promise<void>;
  /** The log of a build that died with its gateway says so. */
  endLogOfTheDead(name: string): Promise<void>;
  stop(): Promise<void>;
};

/** What a build has come to. */
export type Outcome = 'building' | Image | Problem;

type Build = { stop: AbortController; result: Promise<Image>; settled: Promise<unknown> };

type Parts = {
  images: EnvironmentImages;
  logs: BuildLogs;
  refuseNewWork: (what: string) => void;
  onChange: (recipe: Recipe, outcome: Outcome) => void;
};

const deadline = 60 * 60_000;

export function createBuilds({ images, logs, refuseNewWork, onChange }: Parts): Builds {
  const builds = new Map<string, Build>();

  function begin(recipe: Recipe): Build {
    const running = builds.get(recipe.name);
    if (running) return running;
    refuseNewWork(`The build of "${recipe.name}"`);
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(deadline)]);
    const result = run(recipe, signal).finally(() => builds.delete(recipe.name));
    const build = { stop, result, settled: result.catch(() => undefined) };
    builds.set(recipe.name, build);
    onChange(recipe, 'building');
    result.then(
      (image) => onChange(recipe, image),
      (problem: Problem) => onChange(recipe, problem),
    );
    return build;
  }

  async function run(recipe: Recipe, signal: AbortSignal): Promise<Image> {
    const log = await logs.begin(recipe.name);
    const say = (text: string, done?: BuildLine['done']) => log.write({ time: new Date().toISOString(), text, ...(done && { done }) });
    try {
      const began = Date.now();
      const image = await images.build(recipe, { signal, onLine: say });
      say(`${recipe.title} is ready after ${Math.round((Date.now() - began) / 1000)} s (${Math.round(image.size / 1e6)} MB)`, 'succeeded');
      return image;
    } catch (error) {
      const problem = asProblem(error, recipe, signal);
      say(problem.message, problem.code === 'cancelled' ? 'cancelled' : 'failed');
      throw problem;
    } finally {
      await log.close();
    }
  }

  async function cancel(build: Build, why: string): Promise<void> {
    build.stop.abort(new Problem('cancelled', why));
    await build.settled;
  }

  return {
    running: (name) => builds.has(name),
    begin: (recipe) => void begin(recipe),
    join: async (recipe, signal) => untilAborted(begin(recipe).result, signal),
    async cancel(name) {
      const build = builds.get(name);
      if (!build) throw new Problem('conflict', `"${name}" is not being built, so there is nothing to cancel.`);
      await cancel(build, `The build of "${name}" was cancelled.`);
    },
    async endLogOfTheDead(name) {
      const last = await logs.last(name);
      if (!last || last.done || builds.has(name)) return;
      await logs.end(name, {
        time: new Date().toISOString(),
        text: 'The gateway stopped during the build. Build it again.',
        done: 'failed',
      });
    },
    async stop() {
      await Promise.all([...builds.values()].map((build) => cancel(build, 'The gateway stopped during the build. Build it again.')));
    },
  };
}

function asProblem(error: unknown, { name }: Recipe, signal: AbortSignal): Problem {
  if (signal.aborted && signal.reason instanceof Problem) return signal.reason;
  if (signal.aborted)
    return new Problem('timeout', `The build of "${name}" did not end within ${deadline / 60_000} minutes.`, { cause: error });
  if (error instanceof Problem) return error;
  return new Problem('build-failed', `The build of "${name}" failed: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  });
}
