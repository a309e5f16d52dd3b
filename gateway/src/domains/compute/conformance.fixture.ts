/** What every backend of the compute port does, whatever it is made of. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { until } from '../../../../test/until.ts';
import { newId } from '../../lib/id.ts';
import type { Owner } from '../../ports/accounts.ts';
import type { Compute, EndReason, WorkloadSpec } from '../../ports/compute.ts';

/** Commands, each of a program that the backend's image has. */
export type Programs = {
  exit(code: number): string[];
  /** For longer than any test; ends by SIGTERM with exit code 143, or by that signal. */
  sleep: string[];
  print(lines: string[]): string[];
  /** Takes so many MiB. */
  allocate(memory: number): string[];
  write(path: string, text: string): string[];
};

export type Backend = {
  compute: Compute;
  /** Another process of the same gateway, which has seen nothing of what was launched. */
  another: Compute;
  image: string;
  programs: Programs;
  owner: Owner;
  /** The handle of a folder that the owner may write; the test reads it as a path. */
  folder: string;
  /** Takes the backend away and brings it back. */
  absence: { goAway(): Promise<void>; comeBack(): Promise<void> };
};

const never = new AbortController().signal;

export function conformsToCompute(name: string, start: (t: TestContext) => Promise<Backend>): void {
  async function startBackend(t: TestContext) {
    const refs: string[] = [];
    // Before the backend ends what it has.
    t.after(async () => {
      for (const ref of refs) await backend.compute.remove(ref);
    });
    const backend = await start(t);
    const { compute, image, owner } = backend;
    const projectId = newId();
    const specOf = (command: string[], changes: Partial<WorkloadSpec> = {}): WorkloadSpec => ({
      role: 'execution',
      name: newId(),
      projectId,
      facts: { execution: 'e1', user: 'ann', notebook: 'größe 1.ipynb' },
      image,
      command,
      workingDirectory: '/',
      owner,
      environment: {},
      files: [],
      limits: { cores: 0.5, memory: 64 },
      gpus: [],
      network: 'isolated',
      ...changes,
    });
    const launch = async (spec: WorkloadSpec, signal = never) => {
      refs.push(compute.refOf(spec.role, spec.name));
      return compute.launch(spec, { signal });
    };
    const run = async (command: string[], changes: Partial<WorkloadSpec> = {}): Promise<EndReason> =>
      compute.untilOver(await launch(specOf(command, changes)), never);
    return { ...backend, projectId, specOf, launch, run };
  }

  describe(name, { timeout: 300_000 }, () => {
    it('says how a workload ended: with an exit code, by a signal, without memory, removed', async (t) => {
      const { compute, programs, run, launch, specOf } = await startBackend(t);
      assert.deepEqual(await run(programs.exit(0)), { type: 'exited', exitCode: 0 });
      assert.deepEqual(await run(programs.exit(3)), { type: 'exited', exitCode: 3 });
      assert.deepEqual(await run(programs.allocate(512)), { type: 'out-of-memory', exitCode: 137 });
      const killed = await launch(specOf(programs.sleep));
      await compute.end(killed, 'kill');
      assert.deepEqual(await compute.untilOver(killed, never), { type: 'signalled', signal: 'SIGKILL', exitCode: 137 });
      const asked = await launch(specOf(programs.sleep));
      // A program that is not up yet may not hear it.
      const askAndLook = async () => {
        await compute.end(asked, 'terminate');
        return (await compute.status(asked)).end;
      };
      const end = await until(askAndLook, 'a program to end that was asked to');
      assert.equal('exitCode' in end && end.exitCode, 143);
      const gone = await launch(specOf(programs.sleep));
      const over = compute.untilOver(gone, never);
      await compute.remove(gone);
      assert.deepEqual(await compute.status(gone), { begun: false, end: { type: 'removed' }, imageId: null });
      assert.ok(['removed', 'signalled'].includes((await over).type));
    });

    it('runs a name once, whoever launches it and how often', async (t) => {
      const { compute, another, programs, launch, specOf, folder } = await startBackend(t);
      const files = [{ source: folder, path: '/grant' }];
      const spec = specOf(programs.write('/grant/once', 'x'), { files });
      const ref = await launch(spec);
      assert.deepEqual(await compute.untilOver(ref, never), { type: 'exited', exitCode: 0 });
      assert.equal(await another.launch(spec, { signal: never }), ref);
      assert.deepEqual(await another.untilOver(ref, never), { type: 'exited', exitCode: 0 });
      assert.equal(await readFile(join(folder, 'once'), 'utf8'), 'x');
    });

    it('keeps from writing where a grant is read-only', async (t) => {
      const { programs, run, folder } = await startBackend(t);
      const end = await run(programs.write('/grant/never', 'x'), { files: [{ source: folder, path: '/grant', readOnly: true }] });
      assert.ok(end.type === 'exited' && end.exitCode !== 0);
      await assert.rejects(readFile(join(folder, 'never')), { code: 'ENOENT' });
    });

    it('tells another process of all that it needs to go on', async (t) => {
      const { another, programs, projectId, launch, specOf } = await startBackend(t);
      const running = await launch(specOf(programs.sleep, { network: 'project' }));
      const ended = await launch(specOf(programs.exit(1)));
      const kernel = await launch(specOf(programs.sleep, { role: 'kernel' }));
      await another.untilOver(ended, never);
      const own = (await another.list('execution')).filter((one) => one.projectId === projectId);
      assert.equal(own.length, 2);
      for (const [ref, runs] of [
        [running, true],
        [ended, false],
      ] as const) {
        const { facts } = specOf([]);
        assert.deepEqual(
          own.find((one) => one.ref === ref),
          { ref, projectId, facts, gpus: [], running: runs },
        );
      }
      assert.ok((await another.list('kernel')).some(({ ref }) => ref === kernel));
      await another.adopt(running, projectId, never);
      assert.deepEqual((await another.status(running)).end, null);
      await another.remove(running);
    });

    it('starts nothing that is given up before, and tells of what there may be', async (t) => {
      const { compute, programs, specOf } = await startBackend(t);
      const giving = new AbortController();
      giving.abort();
      const spec = specOf(programs.sleep);
      await assert.rejects(compute.launch(spec, { signal: giving.signal }));
      assert.equal((await compute.status(compute.refOf(spec.role, spec.name))).begun, false);
      const late = new AbortController();
      const created: string[] = [];
      const onCreated = (ref: string) => {
        created.push(ref);
        late.abort();
      };
      await assert.rejects(compute.launch(spec, { onCreated, signal: late.signal }));
      assert.deepEqual(created, [compute.refOf(spec.role, spec.name)]);
      assert.equal((await compute.status(created[0]!)).begun, false);
      await compute.remove(created[0]!);
      assert.equal((await compute.list(spec.role)).filter(({ ref }) => ref === created[0]).length, 0);
    });

    it('ends and removes what is over or gone without a word', async (t) => {
      const { compute, programs, launch, specOf } = await startBackend(t);
      const ref = await launch(specOf(programs.exit(0)));
      await compute.untilOver(ref, never);
      await compute.end(ref, 'terminate');
      await compute.warnOfQuota(ref);
      for (let times = 0; times < 2; times++) await compute.remove(ref);
      await compute.end(ref, 'kill');
      assert.deepEqual(await compute.untilOver(ref, never), { type: 'removed' });
    });

    it('has the last lines that were printed, and knows its images', async (t) => {
      const { compute, image, programs, launch, specOf } = await startBackend(t);
      const ref = await launch(specOf(programs.print(['a', 'b', 'c'])));
      await compute.untilOver(ref, never);
      assert.deepEqual(await compute.lastLines(ref, 2, never), ['b', 'c']);
      assert.equal(await compute.imageId('bine/there-is-none'), null);
      assert.equal((await compute.status(ref)).imageId, await compute.imageId(image));
      const { cores, memory } = await compute.capacity();
      assert.ok(cores > 0 && memory > 0);
    });

    it('stops waiting by its signal', async (t) => {
      const { compute, programs, launch, specOf } = await startBackend(t);
      const ref = await launch(specOf(programs.sleep));
      const waiting = new AbortController();
      const over = compute.untilOver(ref, waiting.signal);
      waiting.abort(new Error('enough'));
      await assert.rejects(over);
      assert.equal((await compute.status(ref)).end, null);
    });

    it('waits over an absence of the backend, and says of all else that it is away', async (t) => {
      const { compute, programs, launch, specOf, absence } = await startBackend(t);
      const ref = await launch(specOf(programs.sleep));
      const over = compute.untilOver(ref, never);
      await absence.goAway();
      await assert.rejects(compute.status(ref), { code: 'engine-unavailable' });
      await assert.rejects(compute.launch(specOf(programs.sleep), { signal: never }), { code: 'engine-unavailable' });
      await absence.comeBack();
      await compute.end(ref, 'kill');
      assert.deepEqual(await over, { type: 'signalled', signal: 'SIGKILL', exitCode: 137 });
    });
  });
}
