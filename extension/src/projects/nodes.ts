/** What stands in the tree of projects. */
import type { FileStat, Project } from '@bine/shared';
import { type Place, baseName, uriPath } from '../files/uri.ts';

export type ProjectNode = { kind: 'project'; project: Project };
export type FileNode = { kind: 'file' | 'folder'; project: Project; stat: FileStat };
export type Node = ProjectNode | FileNode;

export function placeOfNode(node: Node): Place {
  return { project: node.project.name, path: node.kind === 'project' ? '' : node.stat.path };
}

export function keyOf(node: Node): string {
  return uriPath(placeOfNode(node));
}

export function labelOf(node: Node): string {
  return node.kind === 'project' ? node.project.name : baseName(node.stat.path);
}

/** Menus test for these: `;write;` and so on. */
export function capabilitiesOf(node: Node): string {
  const { role } = node.project;
  return [
    node.kind,
    ...(node.kind === 'file' ? [] : ['children']),
    ...(node.kind === 'file' && /\.(py|ipynb)$/.test(node.stat.path) ? ['program'] : []),
    ...(role === 'viewer' ? [] : ['write']),
    ...(role === 'owner' ? ['own'] : []),
    '',
  ].join(';');
}

/** The one fact that matters of a project: what runs in it, else what it is for. */
export function projectDescription(project: Project, kernels: number): string {
  if (kernels > 0) return kernels === 1 ? '1 kernel' : `${kernels} kernels`;
  return [project.role === 'owner' ? '' : project.role.replace('-', ' '), project.description].filter(Boolean).join(' · ');
}

export function projectFacts(project: Project): [name: string, value: string][] {
  const idle = project.idleMinutes;
  return [
    ...(project.description ? [['About', project.description] as [string, string]] : []),
    ['Your role', project.role.replace('-', ' ')],
    ['Created', new Date(project.created).toLocaleDateString()],
    ['Idle kernels end', idle === 0 ? 'never' : `after ${idle % 60 === 0 ? `${idle / 60} h` : `${idle} min`}`],
  ];
}
