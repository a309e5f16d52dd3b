/** What tests of projects' environments do again and again. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildLine, Change, Environment } from '@bine/shared';
import type { World } from '../kernels/containers.fixture.ts';
import type { Environments } from './environments.ts';
import type { Requested } from './requested.ts';

export const never = new AbortController().signal;
export const mine = { project: 'p', environment: 'mine' };

/** A clone `mine`, into which somebody looked already. */
export async function cloned(environments: Environments): Promise<Environment> {
  await environments.clone({ project: 'p', environment: 'python-inference', name: 'mine' }, 'ann', never);
  await environments.packages(mine, never);
  return environments.get(mine, never);
}

/** Waits for it to be over, by reading its log to the end. */
export async function settled(environments: Environments, { id }: Change): Promise<Change> {
  await lines(environments, id);
  return (await environments.changes(mine)).find((change) => change.id === id)!;
}

export async function change(environments: Environments, wanted: Partial<Requested>): Promise<Change> {
  const begun = await environments.change({ ...mine, install: [], wheels: [], uninstall: [], ...wanted }, 'ann');
  return settled(environments, begun);
}

export async function lines(environments: Environments, id: string): Promise<BuildLine[]> {
  const all: BuildLine[] = [];
  for await (const line of await environments.log({ ...mine, change: id }, never)) all.push(line);
  return all;
}

export async function heldImages({ docker, gateway }: World): Promise<string[]> {
  const images = await docker.images.list({ 'bine.role': 'image' });
  return images.flatMap(({ tags }) => tags.filter((tag) => tag.startsWith(`bine/env-${gateway}-`)));
}

/** But the images of so many revisions, and what is kept warm. */
export async function nothingLeft(world: World, images: number): Promise<void> {
  assert.equal((await heldImages(world)).length, images);
  const { docker, gateway } = world;
  const untagged = (await docker.images.list({ 'bine.gateway': gateway })).filter(
    ({ tags }) => tags.length === 0 || tags[0] === '<none>:<none>',
  );
  assert.deepEqual(untagged, []);
}

/** A wheel of one module in the folder. @returns its name and hash */
export async function wheel(
  folder: string,
  name: string,
  { version, text }: { version: string; text: string },
): Promise<{ file: string; hash: string }> {
  const file = `${name}-${version}-py3-none-any.whl`;
  const made = join(folder, '.wheel');
  const info = `${name}-${version}.dist-info`;
  await mkdir(join(made, info), { recursive: true });
  await writeFile(join(made, `${name}.py`), `TEXT = ${JSON.stringify(text)}\n`);
  await writeFile(join(made, info, 'METADATA'), `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`);
  await writeFile(join(made, info, 'WHEEL'), 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n');
  await writeFile(join(made, info, 'RECORD'), `${name}.py,,\n${info}/METADATA,,\n${info}/WHEEL,,\n${info}/RECORD,,\n`);
  const zip = 'import shutil,sys; shutil.make_archive(sys.argv[1], "zip", sys.argv[2])';
  execFileSync('python3', ['-c', zip, join(folder, 'made'), made]);
  const bytes = await readFile(join(folder, 'made.zip'));
  await writeFile(join(folder, file), bytes);
  await rm(join(folder, 'made.zip'));
  await rm(made, { recursive: true });
  return { file, hash: createHash('sha256').update(bytes).digest('hex') };
}

/** A source archive in the project. */
export async function archive({ project }: Pick<World, 'project'>, name: string, setup: string): Promise<string> {
  const folder = join(project.files, name);
  await mkdir(folder);
  await writeFile(join(folder, 'setup.py'), setup);
  execFileSync('tar', ['-czf', join(project.files, `${name}.tar.gz`), '-C', project.files, name]);
  await rm(folder, { recursive: true });
  return `${name}.tar.gz`;
}
