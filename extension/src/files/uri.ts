/** `bine:/<project>/<path>`: how files of projects are named inside VS Code. */
import type { Uri } from 'vscode';

export const scheme = 'bine';

export type Place = { project: string; path: string };

/** null: the root, which holds the projects. */
export function placeOf(uri: Pick<Uri, 'path'>): Place | null {
  const [, project, ...rest] = uri.path.split('/');
  return project ? { project, path: rest.join('/').replace(/\/+$/, '') } : null;
}

/** The path of the URI, for `Uri.from` or `uri.with`. */
export function uriPath({ project, path }: Place): string {
  return path ? `/${project}/${path}` : `/${project}`;
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

export function join(folder: string, name: string): string {
  return folder ? `${folder}/${name}` : name;
}

/** Why `name` cannot be the name of a file; undefined when it can. A name may lead into new folders with `/`. */
export function nameProblem(name: string, taken: ReadonlySet<string> = new Set()): string | undefined {
  const parts = name.split('/');
  if (!name.trim()) return 'Type a name.';
  if (name.startsWith('/')) return 'A name does not begin with a slash.';
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return 'Each part of the name needs letters or digits.';
  if (parts.some((part) => new TextEncoder().encode(part).length > 255)) return 'A name has at most 255 bytes.';
  if (taken.has(name)) return `"${name}" is there already; choose another name.`;
  return undefined;
}
