/** Images of environments: those that come with Bine, made of recipes, and those of projects, each kept for as long as a revision needs it. */

/**
 * An image as the engine knows it. `id`: its digest there. `tags`: its names, as `repository:tag`. `created`: ISO 8601. `size`: bytes.
 * Still the engine's own words: a reference that can also live in a registry is to take its place.
 */
export type Image = { id: string; tags: string[]; labels: Record<string, string>; created: string; size: number };

export type ImageName = { repository: string; tag: string };

/** A bundled environment. */
export type Recipe = {
  name: string;
  title: string;
  purpose: 'feature' | 'training' | 'inference';
  description: string;
  /** Requirements, in the form of pip. */
  packages: string[];
  /**
   * The packages and all that they need in turn, in the form of a requirements file with hashes. `path`: absolute, on the host. null: whatever
   * fits is installed.
   */
  lock: { path: string; text: string } | null;
};

/** `onLine`: told each line that the work prints, without its end. */
export type BuildProgress = { signal: AbortSignal; onLine: (line: string) => void };

/** Of bundled environments. An image is ready when it was made of all that its recipe says today. */
export type EnvironmentImages = {
  /** For lists, which ask for many at once: what others removed in the last seconds may still be found. null: it has to be built. */
  find(recipe: Recipe, signal: AbortSignal): Promise<Image | null>;
  /** For who is about to use it. null: it has to be built. */
  inspect(recipe: Recipe, signal: AbortSignal): Promise<Image | null>;
  /** Older ones of the recipe go, unless something uses them. @throws Problem `build-failed` with the last thing that the build said */
  build(recipe: Recipe, progress: BuildProgress): Promise<Image>;
  /** Containers of builds that a gateway which died left behind. */
  removeLeftovers(signal: AbortSignal): Promise<void>;
};

/** Of projects' environments: a name keeps each from being removed. */
export type ProjectImages = {
  /** By its id. null: somebody removed it. */
  find(image: string, signal: AbortSignal): Promise<Image | null>;
  nameOf(environmentId: string, tag: string): ImageName;
  /** Has the environment hold on to an image that is there. */
  hold(image: string, name: ImageName, signal: AbortSignal): Promise<void>;
  letGo(name: ImageName): Promise<void>;
  /** All that the environment holds on to. */
  remove(environmentId: string, signal: AbortSignal): Promise<void>;
  /** What no revision is known to need: a gateway died while it made it. */
  removeUnknown(known: { environmentId: string; image: string }[], signal: AbortSignal): Promise<void>;
};
