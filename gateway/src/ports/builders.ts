/** Where packages are looked at and changed: in a new image of an environment, or in a container that runs. */
import type { Owner } from './accounts.ts';
import type { BuildProgress, ImageName } from './images.ts';
import type { ReadOnlyMount } from './mounts.ts';
import type { ImagePackage } from './packages.ts';

/** `body` has `size` bytes. */
export type WheelFile = { name: string; size: number; body: AsyncIterable<Uint8Array> };

/** What is wanted of a change. */
export type WantedPackages = {
  /** As for pip. */
  install: string[];
  uninstall: string[];
  /** Text of a requirements file. */
  requirements: string | null;
  files: WheelFile[];
};

/** One container of an image, for the time of one piece of work. */
export type Builder = {
  /** All packages in it. */
  inventory(signal: AbortSignal): Promise<ImagePackage[]>;
  /** @throws Problem `build-failed` with the resolver's complaint */
  preview(wanted: WantedPackages, progress: BuildProgress): Promise<void>;
  /** @returns as `inventory`, without the hashes that the index has to be asked for. @throws Problem `build-failed` */
  change(wanted: WantedPackages, progress: BuildProgress): Promise<ImagePackage[]>;
  /** Asked after a change, also while the container is kept. @throws Problem `build-failed` unless what is in it now fits together */
  fits(signal: AbortSignal): Promise<void>;
  /** What the index says of pins, such as `six==1.17.0`. May be asked while the container is kept. */
  hashes(pins: string[], signal: AbortSignal): Promise<Record<string, string[]>>;
  /** As `pack`, read to its end; null if the files are of more than `most` bytes. May be asked while the container is kept. */
  archive(names: string[], most: number, signal: AbortSignal): Promise<Uint8Array[] | null>;
  /** A tar archive of the files of these packages, relative to `/`. */
  pack(names: string[], signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  /** Makes it an image. It is not cut short: the engine would make the image all the same, and nobody would know. @returns its digest */
  keep(name: ImageName): Promise<string>;
};

/**
 * Code of packages may run where a project's environments are changed, in previews too, so that no container and no cache serves two
 * projects. `image`: its id. `project: null`: for looking only, in a container that nobody used before and nobody uses after.
 */
export type BuilderPlace = { image: string; project: string | null };

/** What packages' builds are given in one container, which serves one change and no other. */
export type BuildSecrets = {
  mounts: ReadOnlyMount[];
  environment: Record<string, string>;
  /** What must not be in logs. */
  values: readonly Buffer[];
};

export type Builders = {
  /** Who installs packages in the containers. */
  user: Owner;
  /** In a container of the image, which is gone afterwards if it was changed or the work failed. */
  use<T>(place: BuilderPlace, signal: AbortSignal, work: (builder: Builder) => Promise<T>): Promise<T>;
  /** In one with secrets, which is nobody else's before and after, and whose downloads and builds nobody gets: they may have them in them. */
  useWith<T>(secrets: BuildSecrets, place: BuilderPlace, signal: AbortSignal, work: (builder: Builder) => Promise<T>): Promise<T>;
  /** Has a container ready for who comes next. */
  warm(place: BuilderPlace): void;
  /** No container that waits for somebody stands in the way of removing these images. */
  letGo(images: readonly string[]): Promise<void>;
  /** The project is gone for good, and so is what was downloaded for it. */
  forgetProject(project: string): Promise<void>;
  /** Of what earlier gateways left: caches that nobody needs. */
  removeOldCaches(isKnown: (project: string) => Promise<boolean>, signal: AbortSignal): Promise<void>;
  /** Its containers go. */
  [Symbol.asyncDispose](): Promise<void>;
};

/** Packages changed in a container that runs, which not every backend of containers can do. @param container the engine's id of it, in each call */
export type InPlacePackages = {
  /** Removes the files of these packages. @returns the top-level modules that they were */
  remove(container: string, names: string[], signal: AbortSignal): Promise<string[]>;
  /** @param archive tar, of paths relative to `/`, as foreign code may have written it */
  add(container: string, archive: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void>;
};
