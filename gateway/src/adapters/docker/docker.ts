/** The container engine as the rest of the gateway sees it. */
import { Readable } from 'node:stream';
import { createEngine } from './engine.ts';
import * as containers from './operations/containers.ts';
import type { Commit, ContainerSpec, ContainerState, ContainerSummary } from './operations/containers.ts';
import * as execs from './operations/execs.ts';
import type { ExecSpec } from './operations/execs.ts';
import * as images from './operations/images.ts';
import type { Owner } from '../../ports/accounts.ts';
import type { Image } from '../../ports/images.ts';
import { createImageCatalog } from './image-catalog.ts';
import type { ImageCatalog } from './image-catalog.ts';
import * as networks from './operations/networks.ts';
import type { Network, NewNetwork, Volume } from './operations/networks.ts';
import * as system from './operations/system.ts';
import type { EngineInfo } from './operations/system.ts';
import type { Capacity } from '../../ports/compute.ts';
import { countGpus } from './gpus.ts';
import { jsonLines, outputLines, outputParts } from './streams.ts';
import { tar } from './tar.ts';
import type { TarEntry } from './tar.ts';

export type { ContainerSpec, ContainerState, ContainerSummary, Network };

/** Labels are `{name: value}`; a value of `''` in a search asks only that the label is there. */
type Labels = Record<string, string>;

export type Docker = ReturnType<typeof createDocker>;

export function createDocker({ host }: { host: string | null }) {
  const engine = createEngine(host);
  const catalog = createImageCatalog((signal) => engine.call(images.listImages({}), signal));
  return {
    socket: engine.socket,
    ...describeMachine(engine),
    ...handleContainers(engine, catalog),
    ...handleInsides(engine),
    ...handleImages(engine, catalog),
    networks: {
      create: (network: NewNetwork, signal?: AbortSignal): Promise<void> => engine.call(networks.createNetwork(network), signal),
      list: (labels: Labels, signal?: AbortSignal): Promise<Network[]> => engine.call(networks.listNetworks(labels), signal),
      remove: (name: string, signal?: AbortSignal): Promise<boolean> => engine.call(networks.removeNetwork(name), signal),
    },
    volumes: {
      create: (name: string, labels: Labels, signal?: AbortSignal): Promise<void> =>
        engine.call(networks.createVolume(name, labels), signal),
      list: (labels: Labels, signal?: AbortSignal): Promise<Volume[]> => engine.call(networks.listVolumes(labels), signal),
      remove: (name: string, signal?: AbortSignal): Promise<boolean> => engine.call(networks.removeVolume(name), signal),
    },
  };
}

type Engine = ReturnType<typeof createEngine>;

function describeMachine(engine: Engine) {
  return {
    async info(signal?: AbortSignal): Promise<EngineInfo> {
      const [name, machine] = await Promise.all([engine.call(system.version(), signal), engine.call(system.machine(), signal)]);
      return { ...name, ...machine };
    },
    async capacity(signal?: AbortSignal): Promise<Capacity> {
      const { cores, memory, gpuRuntime } = await engine.call(system.machine(), signal);
      return { cores, memory: Math.floor(memory / 2 ** 20), gpus: gpuRuntime ? await countGpus() : 0 };
    },
  };
}

function handleContainers(engine: Engine, catalog: ImageCatalog) {
  return {
    create: (spec: ContainerSpec, signal?: AbortSignal): Promise<string> => engine.call(containers.createContainer(spec), signal),
    start: (id: string, signal?: AbortSignal): Promise<void> => engine.call(containers.startContainer(id), signal),
    kill: (id: string, signal?: AbortSignal): Promise<void> => engine.call(containers.killContainer(id), signal),
    /** Asks it to end. */
    terminate: (id: string, signal?: AbortSignal): Promise<void> => engine.call(containers.killContainer(id, 'SIGTERM'), signal),
    /** Has its supervisor or runner say in its log that the project is over its disk quota. */
    warnOfQuota: (id: string, signal?: AbortSignal): Promise<void> => engine.call(containers.killContainer(id, 'SIGUSR1'), signal),
    remove: (id: string, signal?: AbortSignal): Promise<void> => engine.call(containers.removeContainer(id), signal),
    inspect: (id: string, signal?: AbortSignal): Promise<ContainerState | null> => engine.call(containers.inspectContainer(id), signal),
    list: (labels: Labels, signal?: AbortSignal): Promise<ContainerSummary[]> => engine.call(containers.listContainers(labels), signal),
    written: (labels: Labels, signal?: AbortSignal): Promise<number> => engine.call(containers.measureContainers(labels), signal),
    wait: (id: string, signal: AbortSignal): Promise<number> => engine.call(containers.waitForContainer(id), signal),
    /** @returns the new image's digest */
    commit: (id: string, commit: Commit, signal?: AbortSignal): Promise<string> =>
      engine.call(containers.commitContainer(id, commit), signal).finally(catalog.forget),
    /** stdout and stderr as lines. */
    async *output(id: string, { follow, tail, signal }: { follow: boolean; tail?: number; signal: AbortSignal }): AsyncIterable<string> {
      yield* outputLines(await engine.stream(containers.containerOutput(id, { follow, ...(tail !== undefined && { tail }) }), signal));
    },
  };
}

/** What is done inside of a container that runs. */
function handleInsides(engine: Engine) {
  async function run(id: string, spec: ExecSpec, signal: AbortSignal) {
    const exec = await engine.call(execs.createExec(id, spec), signal);
    const stream = await engine.stream(execs.startExec(exec), signal);
    const exitCode = () => engine.call(execs.execExitCode(exec), signal);
    return { stream, exitCode };
  }

  return {
    /** Runs a command. Its output has to be read to its end; after that, its exit code is known. */
    async exec(id: string, spec: ExecSpec, signal: AbortSignal) {
      const { stream, exitCode } = await run(id, spec, signal);
      return { lines: outputLines(stream), exitCode };
    },
    /** Runs a command that is spoken to. Whoever asked destroys the connection, and hears of its errors. */
    async converse(id: string, spec: ExecSpec, signal: AbortSignal) {
      const exec = await engine.call(execs.createExec(id, { ...spec, stdin: true }), signal);
      const connection = await engine.converse(execs.startExec(exec, true), signal);
      return { connection, lines: outputLines(connection) };
    },
    /** Runs a command whose stdout is not text. */
    async execBytes(id: string, spec: ExecSpec, signal: AbortSignal) {
      const { stream, exitCode } = await run(id, spec, signal);
      return { bytes: outputParts(stream, 'stdout'), exitCode };
    },
    /** Puts files of the owner's into it, named relative to `/`. */
    put: (id: string, { entries, owner }: { entries: Iterable<TarEntry>; owner: Owner }, signal?: AbortSignal): Promise<void> =>
      engine.call(execs.putArchive(id, '/', Readable.from(tar(entries, owner))), signal),
    /** A tar archive of its file or folder `path`, running or not. */
    async archive(id: string, path: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
      return (await engine.stream(execs.getArchive(id, path), signal)) as AsyncIterable<Buffer>;
    },
    /** Unpacks a tar archive in its folder `path`. */
    unpack: (id: string, path: string, archive: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<void> =>
      engine.call(execs.putArchive(id, path, Readable.from(archive)), signal),
  };
}

function handleImages(engine: Engine, catalog: ImageCatalog) {
  return {
    images: {
      inspect: (reference: string, signal?: AbortSignal): Promise<Image | null> => engine.call(images.inspectImage(reference), signal),
      /** As `inspect`, for lists: what others removed in the last two seconds may still be found. */
      find: catalog.find,
      list: (labels: Labels, signal?: AbortSignal): Promise<Image[]> => engine.call(images.listImages(labels), signal),
      tag: (reference: string, name: { repository: string; tag: string }, signal?: AbortSignal): Promise<void> =>
        engine.call(images.tagImage(reference, name), signal).finally(catalog.forget),
      remove: (reference: string, signal?: AbortSignal): Promise<boolean> =>
        engine.call(images.removeImage(reference), signal).finally(catalog.forget),
      /** Progress, as the engine reports it: `status`, `progress`, `error`. */
      async *pull(reference: string, signal: AbortSignal): AsyncIterable<Record<string, unknown>> {
        yield* jsonLines(await engine.stream(images.pullImage(reference), signal));
        catalog.forget();
      },
      async *import(
        { repository, tag, archive }: { repository: string; tag: string; archive: NodeJS.ReadableStream },
        signal: AbortSignal,
      ): AsyncIterable<Record<string, unknown>> {
        yield* jsonLines(await engine.stream(images.importImage(repository, tag, archive), signal));
        catalog.forget();
      },
    },
  };
}
