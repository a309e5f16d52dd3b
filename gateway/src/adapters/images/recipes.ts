/** What stands in the repository's images/ folder: the base image's recipe, the supervisor's source, the bundled environments. */
import { createHash } from 'node:crypto';
import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Recipe } from '../../ports/images.ts';

export type BaseRecipe = {
  /** Tried first, where nothing is there yet. */
  pull: string;
  debootstrap: { suite: string; packages: string[] };
  /** `folder` holds the script and what is locked. */
  setup: { script: string; folder: string; supervisor: string };
  /** Changes with anything that ends up in the base image. */
  digest: string;
};

const BaseFile = z.strictObject({
  pull: z.string(),
  debootstrap: z.strictObject({ suite: z.string(), packages: z.array(z.string()) }),
});

const RecipeFile = z.strictObject({
  title: z.string(),
  purpose: z.enum(['feature', 'training', 'inference']),
  description: z.string(),
  packages: z.array(z.string()),
});

export async function readBaseRecipe(images: string): Promise<BaseRecipe> {
  const script = join(images, 'base/setup.sh');
  const supervisor = join(images, 'supervisor');
  const text = await readFile(join(images, 'base/recipe.yaml'), 'utf8');
  const sources = await readSources(supervisor);
  const locks = await Promise.all(['uv', 'supervisor'].map((name) => readFile(join(images, 'base', `${name}.lock`), 'utf8')));
  return {
    ...BaseFile.parse(parse(text)),
    setup: { script, folder: join(images, 'base'), supervisor },
    digest: digestOf(text, await readFile(script, 'utf8'), ...locks, ...sources),
  };
}

export async function readRecipes(images: string): Promise<Recipe[]> {
  const folder = join(images, 'environments');
  const files = globSync('*.yaml', { cwd: folder });
  return Promise.all(
    files.sort().map(async (file) => {
      const recipe = RecipeFile.parse(parse(await readFile(join(folder, file), 'utf8')));
      const name = basename(file, '.yaml');
      const path = join(folder, `${name}.lock`);
      return { name, ...recipe, lock: { path, text: await readFile(path, 'utf8') } };
    }),
  );
}

/** A short name for content; equal content has an equal one. */
export function digestOf(...parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

/** What the supervisor's installation is made from: not its tests, not its documentation. */
async function readSources(supervisor: string): Promise<string[]> {
  const files = globSync(['pyproject.toml', 'src/**/*.py', 'bine_supervisor/**/*.py'], { cwd: supervisor });
  return Promise.all(files.sort().map(async (file) => `${file}\n${await readFile(join(supervisor, file), 'utf8')}`));
}
