/** Which repository or files a command is meant for: what Source Control hands over, else the file in the editor, else one is chosen. */
import { Problem } from '@bine/shared/problems';
import * as vscode from 'vscode';
import { cancelled, pick } from '../vs/ask.ts';
import type { Repositories } from './repositories.ts';
import type { Repository, Resource } from './repository.ts';
import { type GroupId, branchText } from './words.ts';

/** What menus of groups and of repositories hand over. */
export type GroupOrRepository = vscode.SourceControlResourceGroup | vscode.SourceControl;

export type Targets = {
  /** @throws Problem cancelled */
  repository(sourceControl?: vscode.SourceControl): Promise<Repository>;
  /** Those selected, or that of the editor. */
  resources(given: readonly unknown[]): Resource[];
  /** Those of a group, or of the groups named in a repository. @throws Problem cancelled */
  all(one: GroupOrRepository | undefined, ids: readonly GroupId[]): Promise<Resource[]>;
};

export function createTargets(repositories: Repositories): Targets {
  let latest: Repository | undefined;

  async function repository(sourceControl?: vscode.SourceControl): Promise<Repository> {
    const { all } = repositories;
    const given = all.find((each) => each.sourceControl === sourceControl);
    const active = activeUri();
    const meant = given ?? (all.length === 1 ? all[0] : undefined) ?? (active && repositories.of(active));
    if (meant) return meant;
    if (all.length === 0) {
      void vscode.window
        .showInformationMessage('No repository is open in this window.', 'Check Out Repository…')
        .then((chosen) => chosen && vscode.commands.executeCommand('bine.checkOutRepository'));
      throw cancelled();
    }
    // The one chosen before comes first.
    const sorted = [...all].sort((a, b) => Number(b === latest) - Number(a === latest) || a.name.localeCompare(b.name));
    const choices = sorted.map((value) => ({
      label: `$(repo) ${value.name}`,
      description: [value.project, value.status && branchText(value.status)].filter(Boolean).join(' · '),
      value,
    }));
    latest = await pick<Repository>(choices, { title: 'Choose a Repository', placeHolder: 'Which repository?' });
    return latest;
  }

  return {
    repository,
    resources(given) {
      // The title of an editor hands over its address, and what is no longer there is handed over as nothing.
      const states = given.filter(isResource);
      const path = activeUri()?.path;
      const ofEditor = () => repositories.all.flatMap(({ resources }) => resources.filter((each) => each.resourceUri.path === path));
      const meant = states.length > 0 ? states : ofEditor();
      if (meant.length === 0) throw new Problem('bad-request', 'Choose a changed file in Source Control, or open one.');
      return meant;
    },
    async all(one, ids) {
      for (const each of repositories.all) {
        const group = one && each.groupOf(one);
        if (group) return each.resources.filter((resource) => resource.group === group);
      }
      const { resources } = await repository(one && repositories.all.find(({ sourceControl }) => sourceControl === one)?.sourceControl);
      return resources.filter((resource) => ids.includes(resource.group));
    },
  };
}

function isResource(given: unknown): given is Resource {
  return typeof given === 'object' && given !== null && 'repository' in given && 'file' in given;
}

function activeUri(): vscode.Uri | undefined {
  return vscode.window.activeTextEditor?.document.uri ?? vscode.window.activeNotebookEditor?.notebook.uri;
}
