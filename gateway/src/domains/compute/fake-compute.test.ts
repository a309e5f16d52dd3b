import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { conformsToCompute } from './conformance.fixture.ts';
import { createFakeCompute } from './fake-compute.fixture.ts';

conformsToCompute('the fake backend', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'bine-fake-'));
  t.after(() => rm(folder, { recursive: true }));
  const { compute, ...absence } = createFakeCompute({ images: { image: 'sha256:1' } });
  return {
    compute,
    another: compute,
    image: 'image',
    owner: { uid: 1, gid: 1 },
    folder,
    absence,
    programs: {
      exit: (code) => ['exit', `${code}`],
      sleep: ['sleep'],
      print: (lines) => ['print', ...lines],
      allocate: (memory) => ['allocate', `${memory}`],
      write: (path, text) => ['write', path, text],
    },
  };
});
