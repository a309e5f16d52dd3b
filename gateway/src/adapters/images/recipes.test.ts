import assert from 'node:assert/strict';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readBaseRecipe, readRecipes } from './recipes.ts';

const images = fileURLToPath(new URL('../../../../images', import.meta.url));

describe('the bundled environments', () => {
  it('are one for each purpose, with every version exact and the hashes of all files', async () => {
    const recipes = await readRecipes(images);
    assert.deepEqual(
      recipes.map(({ name, purpose }) => `${name}: ${purpose}`),
      ['python-feature: feature', 'python-inference: inference', 'python-training: training'],
    );
    for (const { name, packages, lock } of recipes) {
      const entries = lock!.text.replaceAll(/^#.*\n/gm, '').split(/\n(?=\S)/);
      for (const entry of entries) assert.match(entry, /^[a-z0-9-]+==[0-9.]+( ;[^\\]+)? \\\n {4}--hash=sha256:[0-9a-f]{64}/, name);
      const pins = new Set(entries.map((entry) => entry.split(' ')[0]));
      for (const requirement of packages) assert.ok(pins.has(requirement), `${name} does not lock ${requirement}`);
    }
  });
});

describe('the base recipe', () => {
  it('has another digest when anything that ends up in the image changes, and the same when it does not', async (t) => {
    const copy = await mkdtemp(join(tmpdir(), 'bine-images-'));
    t.after(() => rm(copy, { recursive: true }));
    for (const folder of ['base', 'supervisor/pyproject.toml', 'supervisor/bine_supervisor']) {
      await cp(join(images, folder), join(copy, folder), { recursive: true });
    }
    const { digest } = await readBaseRecipe(copy);
    await writeFile(join(copy, 'supervisor/README.md'), 'more to read');
    assert.equal((await readBaseRecipe(copy)).digest, digest);
    await writeFile(join(copy, 'supervisor/bine_supervisor/extra.py'), '');
    const withSource = (await readBaseRecipe(copy)).digest;
    assert.notEqual(withSource, digest);
    await writeFile(join(copy, 'base/setup.sh'), 'true');
    assert.notEqual((await readBaseRecipe(copy)).digest, withSource);
  });
});
