/** What a command of the view "Projects" is meant for: the nodes clicked or selected, or a project picked by name. */
import type { Project } from '@bine/shared';
import * as vscode from 'vscode';
import type { Place } from '../files/uri.ts';
import { cancelled, pick } from '../vs/ask.ts';
import { type Node, placeOfNode } from './nodes.ts';
import type { Projects } from './store.ts';

export type Targets = {
  /** The nodes that are meant. Empty: nothing is selected. */
  nodes(node?: Node, selected?: Node[]): readonly Node[];
  /** The project that is meant; asked for when nothing says it. */
  project(title: string, node?: Node, fits?: (project: Project) => boolean): Promise<Project>;
  /** The folder that new things go into: the one that is meant, or that of the file that is. */
  folder(title: string, node?: Node): Promise<Place>;
};

export function createTargets(projects: Projects, view: vscode.TreeView<Node>): Targets {
  let latest: string | undefined;

  async function project(title: string, node = view.selection[0], fits: (project: Project) => boolean = () => true): Promise<Project> {
    if (node && fits(node.project)) return node.project;
    const all = (await projects.list()).filter(fits);
    // The one chosen before comes first.
    const sorted = [...all].sort((a, b) => Number(b.name === latest) - Number(a.name === latest) || a.name.localeCompare(b.name));
    const choices = sorted.map((value) => ({ label: `$(root-folder) ${value.name}`, description: value.description, value }));
    if (choices.length === 0) {
      void vscode.window.showInformationMessage('There is no project that this can be done to.', 'Create Project…').then(create);
      throw cancelled();
    }
    const chosen = await pick<Project>(choices, { title, placeHolder: 'Which project?' });
    latest = chosen.name;
    return chosen;
  }

  return {
    nodes: (node, selected) => (selected?.length ? selected : node ? [node] : view.selection),
    project,
    async folder(title, node = view.selection[0]) {
      if (!node) return { project: (await project(title, undefined, ({ role }) => role !== 'viewer')).name, path: '' };
      const place = placeOfNode(node);
      return node.kind === 'file' ? { ...place, path: place.path.slice(0, Math.max(0, place.path.lastIndexOf('/'))) } : place;
    },
  };
}

const create = (chosen: string | undefined) => chosen && vscode.commands.executeCommand('bine.createProject');
