/** A backend inside of the test's own process: its images are made up, and its programs are the few below. */
import { appendFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { Problem } from '@bine/shared/problems';
import { untilAborted } from '../../lib/until-aborted.ts';
import type { Compute, EndReason, WorkloadSpec } from '../../ports/compute.ts';

type Fake = { spec: WorkloadSpec; begun: boolean; lines: string[]; ended: PromiseWithResolvers<EndReason>; end: EndReason | null };

/** What a program does at its start. null: it runs on. */
type Program = (workload: Fake, words: readonly string[]) => Promise<EndReason | null>;

const exited = (exitCode: number): EndReason => ({ type: 'exited', exitCode });

const programs: Record<string, Program> = {
  exit: async (_, [code]) => exited(Number(code)),
  sleep: async () => null,
  print: async ({ lines }, words) => {
    lines.push(...words);
    return exited(0);
  },
  /** Takes so many MiB. */
  allocate: async ({ spec }, [memory]) => (Number(memory) > spec.limits.memory ? { type: 'out-of-memory', exitCode: 137 } : exited(0)),
  write: async ({ spec }, [path = '', text = '']) => {
    const grant = spec.files.find((one) => path.startsWith(`${one.path}/`));
    if (!grant || grant.readOnly) return exited(1);
    await appendFile(join(grant.source, posix.relative(grant.path, path)), text);
    return exited(0);
  },
};

/** `images` by their names: ids of their contents. */
export function createFakeCompute({ images }: { images: Record<string, string> }) {
  const workloads = new Map<string, Fake>();
  /** null: it is here. */
  let back: PromiseWithResolvers<void> | null = null;

  function here(): void {
    if (back) throw new Problem('engine-unavailable', 'The backend of the test is away.');
  }

  function over(workload: Fake, end: EndReason): void {
    if (workload.end) return;
    workload.end = end;
    workload.ended.resolve(end);
  }

  async function begin(workload: Fake): Promise<void> {
    workload.begun = true;
    const [name = '', ...words] = workload.spec.command;
    const end = await programs[name]!(workload, words);
    if (end) over(workload, end);
  }

  const compute: Compute = {
    refOf: (role, name) => `${role}/${name}`,
    async launch(spec, { onCreated, signal }) {
      here();
      signal.throwIfAborted();
      if (!(spec.image in images)) throw new Problem('not-found', `There is no image "${spec.image}".`);
      const ref = compute.refOf(spec.role, spec.name);
      const workload = workloads.get(ref) ?? { spec, begun: false, lines: [], ended: Promise.withResolvers<EndReason>(), end: null };
      workloads.set(ref, workload);
      onCreated?.(ref);
      signal.throwIfAborted();
      if (!workload.begun) await begin(workload);
      return ref;
    },
    adopt: async () => here(),
    tidy: async () => here(),
    async list(role) {
      here();
      const found = [...workloads].filter(([, { spec }]) => spec.role === role);
      return found.map(
        ([
          ref,
          {
            spec: { projectId, facts, gpus },
            begun,
            end,
          },
        ]) => ({ ref, projectId, facts, gpus, running: begun && !end }),
      );
    },
    async status(ref) {
      here();
      const workload = workloads.get(ref);
      if (!workload) return { begun: false, end: { type: 'removed' }, imageId: null };
      return { begun: workload.begun, end: workload.end, imageId: images[workload.spec.image]! };
    },
    async untilOver(ref, signal) {
      await untilAborted(Promise.resolve(back?.promise), signal);
      const ended = workloads.get(ref)?.ended.promise ?? Promise.resolve<EndReason>({ type: 'removed' });
      const end = await untilAborted(ended, signal);
      await untilAborted(Promise.resolve(back?.promise), signal);
      return end;
    },
    async end(ref, how) {
      here();
      const workload = workloads.get(ref);
      const signal = how === 'kill' ? 'SIGKILL' : 'SIGTERM';
      if (workload) over(workload, { type: 'signalled', signal, exitCode: how === 'kill' ? 137 : 143 });
    },
    warnOfQuota: async () => here(),
    async remove(ref) {
      here();
      const workload = workloads.get(ref);
      workloads.delete(ref);
      if (workload) over(workload, { type: 'removed' });
    },
    async lastLines(ref, count) {
      here();
      return workloads.get(ref)?.lines.slice(-count) ?? [];
    },
    written: async () => 0,
    imageId: async (image) => images[image] ?? null,
    capacity: async () => ({ cores: 4, memory: 8192, gpus: 0 }),
    describe: async () => ({ name: 'fake', version: '1' }),
  };

  return {
    compute,
    async goAway(): Promise<void> {
      back = Promise.withResolvers();
    },
    async comeBack(): Promise<void> {
      back?.resolve();
      back = null;
    },
  };
}
