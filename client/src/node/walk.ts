/** The files that go along: as Git decides in a repository, by .gitignore files elsewhere. What does not is remembered with the reason. */
import { problemOfPath } from '@bine/shared/path-names';
import { Problem } from '@bine/shared/problems';
import type { GitFiles } from './git-files.ts';
import { type Ignoring, ignoreNothing, isNobodys } from './ignoring.ts';
import type { LeftOut } from './left-out.ts';
import type { Folder, Found, Limits } from './snapshot.ts';

export type Item = { path: string; type: 'file' | 'directory'; mode: number; size: number };

export type Walk = {
  folder: Folder;
  /** It goes along, ignored or not. */
  program: string;
  unsaved: ReadonlyMap<string, Uint8Array>;
  limits: Limits;
  leftOut: LeftOut;
  signal: AbortSignal;
};

/** A folder on the way: where it is seen, and where it really is, which differs below a link. */
type Place = { path: string; real: string; mode: number; links: readonly string[]; ignoring: Ignoring };

/** Parents before what is in them, each folder in the order of names. @throws Problem too-large */
export async function walk(options: Walk): Promise<Item[]> {
  const { folder, leftOut, limits, signal } = options;
  const git = await askGit(options);
  const items: Item[] = [];
  const count = createCount(folder.name, limits);
  const add = (item: Item) => {
    items.push(item);
    count(item);
  };
  for (const path of git?.sparse ?? []) leftOut.add('not in the sparse checkout', path);
  for (const path of git?.missingSubmodules ?? []) leftOut.add('submodules that are not checked out', path);
  await enter({ path: '', real: '', mode: 0o755, links: [], ignoring: ignoreNothing }, { options, git, add });
  signal.throwIfAborted();
  return items;
}

/** null: Git cannot tell. */
async function askGit({ folder, leftOut, unsaved, signal }: Walk): Promise<GitFiles | null> {
  try {
    const git = (await folder.git?.(signal)) ?? null;
    const rules = [...unsaved.keys()].filter((path) => git && /(^|\/)\.gitignore$/.test(path));
    for (const path of rules) leftOut.add('what changed in them since they were saved, which Git does not see', path);
    return git;
  } catch (error) {
    signal.throwIfAborted();
    leftOut.add(`so that .gitignore files were read in the place of Git (${(error as Error).message})`, 'what Git would say');
    return null;
  }
}

/** What makes a folder a virtual environment; it is of this machine and useless on any other. */
const virtualEnvironment = 'pyvenv.cfg';

type Walking = { options: Walk; git: GitFiles | null; add: (item: Item) => void };

async function enter(place: Place, walking: Walking): Promise<void> {
  const { options, git, add } = walking;
  const { folder, program, signal, leftOut } = options;
  signal.throwIfAborted();
  const { path, real } = place;
  const found = await folder.list(real).catch((error: unknown) => {
    if (path === '' || leadsTo(program, path)) throw error;
    leftOut.add('because they cannot be read', `${path}/`);
    return null;
  });
  if (!found) return;
  if (path !== '' && found.some(({ name }) => name === virtualEnvironment)) return;
  const ignoring = git ? place.ignoring : await withRules(place, found, options);
  if (path !== '') add({ path, type: 'directory', mode: place.mode, size: 0 });
  for (const each of found.sort((a, b) => (a.name < b.name ? -1 : 1))) await visit(each, { ...place, ignoring }, walking);
}

async function visit(each: Found, place: Place, walking: Walking): Promise<void> {
  const { options, git, add } = walking;
  const { program, unsaved, leftOut, folder } = options;
  const [path, real] = [join(place.path, each.name), join(place.real, each.name)];
  const isProgram = path === program;
  const shown = each.type === 'directory' ? `${path}/` : path;
  if (!leadsTo(program, path)) {
    if (isNobodys(each.name, git !== null && (git.files.has(real) || git.folders.has(real)))) return;
    if (isIgnored(each, place, walking)) {
      // A folder that cannot be read is left out with the others that are ignored.
      const names = each.type === 'directory' ? await folder.names(real).catch(() => null) : null;
      if (names?.includes(virtualEnvironment)) return;
      // An empty folder is nothing to Git, and may be what a program writes to.
      if (!git || names?.length !== 0) return leftOut.add(git ? 'because Git ignores them' : 'because .gitignore names them', shown);
    }
  }
  const odd = problemOfPath(path);
  if (odd) return leftOut.add('because of names that no project can hold (control characters, backslashes, no UTF-8, too long)', path);
  if (each.type === 'other') return leftOut.add(each.problem, path);
  if (each.outside && !isProgram) return leftOut.add('links that lead out of the folder', path);
  if (each.type === 'file') return add({ path, type: 'file', mode: each.mode, size: unsaved.get(path)?.byteLength ?? each.size });
  const { target } = each;
  if (target === undefined) return enter({ ...place, path, real, mode: each.mode }, walking);
  if (`${real}/`.startsWith(target === '' ? '' : `${target}/`) || place.links.includes(target))
    return leftOut.add('links to a folder around themselves', path);
  if (git && !git.folders.has(target)) return leftOut.add('links to what Git ignores', path);
  await enter({ ...place, path, real: target, mode: each.mode, links: [...place.links, target] }, walking);
}

function isIgnored(each: Found, place: Place, { git }: Walking): boolean {
  const real = join(place.real, each.name);
  // Git lists no pipes and sockets, which are left out for what they are.
  if (each.type === 'other') return false;
  return git ? !git.files.has(real) && !git.folders.has(real) : place.ignoring.ignores(real, each.type);
}

async function withRules({ path, real, ignoring }: Place, found: readonly Found[], { folder, unsaved }: Walk): Promise<Ignoring> {
  if (!found.some(({ name, type }) => name === '.gitignore' && type === 'file')) return ignoring;
  const held = unsaved.get(join(path, '.gitignore'));
  return ignoring.with(real, held ? new TextDecoder().decode(held) : await (await folder.read(join(real, '.gitignore'))).text());
}

const leadsTo = (program: string, path: string): boolean => program === path || program.startsWith(`${path}/`);

/** Says no as soon as it is too much, so that nobody waits for the walk of a whole disk. */
function createCount(name: string, most: Limits): (item: Item) => void {
  const byTop = new Map<string, number>();
  let [entries, bytes] = [0, 0];
  return ({ path, size }) => {
    const top = path.split('/')[0]!;
    byTop.set(top, (byTop.get(top) ?? 0) + size);
    bytes += size;
    if (++entries <= most.entries && bytes <= most.bytes) return;
    const what = entries > most.entries ? `more than ${most.entries} files` : `more than ${Math.round(most.bytes / 2 ** 20)} MiB`;
    const [largest = ''] = [...byTop].sort(([, a], [, b]) => b - a)[0] ?? [];
    throw new Problem(
      'too-large',
      `${name} has ${what} to take along, most of it in "${largest}". Put that into .gitignore; upload data into the project, where every job finds it.`,
    );
  };
}

function join(folder: string, name: string): string {
  return folder ? `${folder}/${name}` : name;
}
