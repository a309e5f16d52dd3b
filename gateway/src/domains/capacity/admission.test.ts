import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Problem } from '@bine/shared/problems';
import { kernelUse, limitsForTests } from './limits.fixture.ts';
import type { JobUse, KernelUse } from './admission.ts';

const machine = { cores: 4, memory: 24_000, gpus: 1 };
const mine = { id: 'p1', name: 'a' };
const twenty = { cores: 1, memory: 20_000, gpus: 0 };

function start({ limits = {}, ...options }: { limits?: object; jobs?: JobUse[]; overcommit?: number; held?: number } = {}) {
  const kernels: KernelUse[] = [];
  const { admission } = limitsForTests({
    machine: async () => machine,
    kernels: () => kernels,
    jobs: () => options.jobs ?? [],
    held: () => ({ cores: 0, memory: options.held ?? 0, gpus: 0 }),
    limits: () => limits,
    ...(options.overcommit !== undefined && { overcommit: options.overcommit }),
  });
  const ask = (wanted = twenty, except?: string) => admission.refuseKernel(mine, wanted, { all: machine, except });
  const admit = (wanted = twenty, more: Partial<KernelUse> = {}) => {
    ask(wanted);
    kernels.push(kernelUse({ id: `k${kernels.length}`, ...wanted, ...more }));
  };
  return { admission, kernels, admit, ask };
}

const refused = (code: string, pattern: RegExp) => (error: Problem) => error.code === code && (assert.match(error.message, pattern), true);

describe('a kernel', () => {
  it('is refused where the machine has no room, with what is taken by whom and without the names of other projects', () => {
    const { admit, kernels } = start({ jobs: [{ projectId: 'p9', user: 'eve', cores: 1, memory: 1000, gpus: 0, gpuIds: [] }] });
    kernels.push(kernelUse({ projectId: 'p2', memory: 1000 }));
    admit();
    admit();
    assert.throws(
      () => admit(),
      refused(
        'no-capacity',
        /^A kernel with 20000 MiB of memory needs 10000 MiB set aside, and 2500 of 24000 MiB are left: 20000 by 2 kernels of the project "a", 500 by 1 kernel of other projects, 1000 by 1 running execution of other projects\. Shut down/,
      ),
    );
  });

  it('is one of two of 20 GB on a machine of 24 GB, when twelve are asked for', () => {
    const { admit, kernels } = start();
    for (let number = 0; number < 12; number++) {
      try {
        admit();
      } catch (error) {
        assert.equal((error as Problem).code, 'no-capacity');
      }
    }
    assert.equal(kernels.length, 2);
  });

  it('has all of its memory set aside where nothing is promised twice', () => {
    const { admit } = start({ overcommit: 1 });
    admit();
    assert.throws(() => admit({ ...twenty, memory: 5000 }), { code: 'no-capacity' });
    admit({ ...twenty, memory: 4000 });
  });

  it('counts with what it uses where that is more than was set aside', () => {
    const { admit } = start();
    admit(twenty, { used: 19_000 });
    assert.throws(() => admit({ ...twenty, memory: 12_000 }), { code: 'no-capacity' });
    admit({ ...twenty, memory: 9000 });
  });

  it('gets nothing of what is held for an execution that has waited for long', () => {
    const { admit } = start({ held: 20_000 });
    admit({ ...twenty, memory: 8000 });
    assert.throws(() => admit({ ...twenty, memory: 8000 }), refused('no-capacity', /20000 are held for an execution that waits/));
  });

  it('takes the place of the one that ends for it', () => {
    const { admit, ask } = start();
    admit();
    admit();
    ask(twenty, 'k0');
  });

  it('is kept within the limits of its project, its jobs counted', () => {
    const jobs = [{ projectId: 'p1', user: 'ann', cores: 2, memory: 100, gpus: 0, gpuIds: [] }];
    const { admit } = start({ jobs, limits: { cores: 4, kernels: 3, memory: 2000 } });
    const small = { cores: 1, memory: 600, gpus: 0 };
    admit(small);
    admit(small);
    assert.throws(
      () => admit(small),
      refused('limit-reached', /^The project "a" uses 4 cores of 4\. End something of it first, or ask an administrator/),
    );
    assert.throws(() => admit({ cores: 0, memory: 800, gpus: 0 }), refused('limit-reached', /uses 1300 MiB of memory of 2000/));
    admit({ cores: 0, memory: 100, gpus: 0 });
    assert.throws(() => admit({ cores: 0, memory: 1, gpus: 0 }), refused('limit-reached', /uses 3 kernels of 3/));
  });
});

describe('what executions may take', () => {
  it('is their share, and no more than kernels leave', async () => {
    const { admission, kernels } = start();
    assert.deepEqual((await admission.forJobs()).pool, machine);
    kernels.push(kernelUse({ memory: 20_000, gpus: 1, gpuIds: ['0'] }), kernelUse({ memory: 100, used: 900 }));
    assert.deepEqual((await admission.forJobs()).pool, { cores: 4, memory: 13_100, gpus: 0 });
  });
});
