/** What a command about environments is meant for: what was clicked or selected, or one picked by name. */
import type { Environment, Project } from '@bine/shared';
import * as vscode from 'vscode';
import { isOpenHere } from '../projects/open-project.ts';
import type { Projects } from '../projects/store.ts';
import { cancelled, pick } from '../vs/ask.ts';
import { type EnvironmentNode, type Node, environmentLook } from './nodes.ts';
import type { Environments } from './store.ts';

export type Target = { project: string; environment: Environment };

export type TargetOptions = {
  title: string;
  fits?: (environment: Environment) => boolean;
  /** Where nothing fits. */
  nothing?: string;
};

export type Targets = {
  /** @throws Problem cancelled */
  environment(node: Node | undefined, options: TargetOptions): Promise<Target>;
  /** Those of one kind that were selected together, or the one that was clicked. */
  selected<K extends Node['kind']>(kind: K, node?: Node, several?: readonly Node[]): Extract<Node, { kind: K }>[];
};

export type TargetsDeps = {
  projects: Projects;
  environments: Environments;
  selection: () => readonly Node[];
  /** The one of the notebook that is looked at. */
  active: () => { project: string; environment: string } | null;
};

export const isClone = ({ bundled }: Environment) => !bundled;

export function createTargets({ projects, environments, selection, active }: TargetsDeps): Targets {
  async function choices(fits: (environment: Environment) => boolean) {
    const here = active();
    const rank = ({ project, environment }: Target) =>
      here?.project === project && here.environment === environment.name ? 0 : isOpenHere(project) ? 1 : 2;
    const writable = (await projects.list()).filter(({ role }) => role !== 'viewer');
    const lists = await Promise.all(writable.map(async (project) => targetsOf(project, await environments.list(project.name))));
    const fitting = lists.flat().filter(({ environment }) => fits(environment));
    const several = new Set(fitting.map(({ project }) => project)).size > 1;
    return fitting
      .sort((a, b) => rank(a) - rank(b))
      .map((value) => {
        const { icon, label, description } = environmentLook(value.environment);
        return { label: `$(${icon}) ${label}`, description: [several && value.project, description].filter(Boolean).join(' · '), value };
      });
  }

  return {
    async environment(node, { title, fits = () => true, nothing }) {
      const meant = node ?? selection()[0];
      if (meant && meant.kind !== 'project') {
        const target = fresh(meant.kind === 'environment' ? meant : meant.of);
        if (node || fits(target.environment)) return target;
      }
      const found = await choices(fits);
      if (found.length === 0) {
        void vscode.window
          .showInformationMessage(nothing ?? 'There is no environment that this can be done to.', 'Clone Environment…')
          .then((chosen) => chosen && vscode.commands.executeCommand('bine.cloneEnvironment'));
        throw cancelled();
      }
      return pick<Target>(found, { title, placeHolder: 'Which environment?' });
    },
    selected<K extends Node['kind']>(kind: K, node?: Node, several?: readonly Node[]) {
      const meant = several?.length ? several : node ? [node] : selection();
      return meant.filter((each): each is Extract<Node, { kind: K }> => each.kind === kind);
    },
  };

  /** A node may be older than what is known. */
  function fresh({ project, environment }: EnvironmentNode): Target {
    return { project: project.name, environment: environments.find(project.name, environment.name) ?? environment };
  }
}

function targetsOf(project: Project, list: readonly Environment[]): Target[] {
  return list.map((environment) => ({ project: project.name, environment }));
}
