/** What a command about files is meant for: what was clicked or selected in the view or the explorer, or a project picked by name. */
import type { Project } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import * as vscode from 'vscode';
import { type Place, parentOf, placeOf, scheme } from '../files/uri.ts';
import { isOpenHere } from './open-project.ts';
import { cancelled, pick } from '../vs/ask.ts';
import { type Node, placeOfNode } from './nodes.ts';
import type { Projects } from './store.ts';

/** The view hands over its nodes, the explorer URIs. */
export type Argument = Node | vscode.Uri;

export type Targets = {
  /** The places that are meant. Empty: nothing is selected. */
  places(one?: Argument, several?: Argument[]): Place[];
  /** The project that is meant; asked for when nothing says it. */
  project(title: string, node?: Node, fits?: (project: Project) => boolean): Promise<Project>;
  /** The top of a project that the user may write to: of the one that is open, else of one picked by name. */
  inProject(title: string): Promise<Place>;
  /** The folder that new things go into: the one that is meant, or that of the file that is. */
  folder(title: string, one?: Argument): Promise<Place>;
};

export function createTargets(projects: Projects, view: vscode.TreeView<Node>): Targets {
  let latest: string | undefined;

  async function project(title: string, node = view.selection[0], fits: (project: Project) => boolean = () => true): Promise<Project> {
    return node && fits(node.project) ? node.project : pickProject(title, fits);
  }

  async function pickProject(title: string, fits: (project: Project) => boolean): Promise<Project> {
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
    places: (one, several) => (several?.length ? several : one ? [one] : view.selection).map(placeOfArgument),
    project,
    async inProject(title) {
      const fits = ({ role }: Project) => role !== 'viewer';
      const open = (await projects.list()).find((each) => fits(each) && isOpenHere(each.name));
      return { project: (open ?? (await pickProject(title, fits))).name, path: '' };
    },
    async folder(title, one = view.selection[0]) {
      if (!one) return { project: (await project(title, undefined, ({ role }) => role !== 'viewer')).name, path: '' };
      const place = placeOfArgument(one);
      return 'kind' in one && one.kind === 'file' ? { ...place, path: parentOf(place.path) } : place;
    },
  };
}

function placeOfArgument(argument: Argument): Place {
  if ('kind' in argument) return placeOfNode(argument);
  const place = argument.scheme === scheme ? placeOf(argument) : null;
  if (!place) throw new Problem('bad-request', `"${argument.toString(true)}" is not a file of a project.`);
  return place;
}

const create = (chosen: string | undefined) => chosen && vscode.commands.executeCommand('bine.createProject');
