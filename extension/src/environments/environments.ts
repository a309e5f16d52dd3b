/** The room of the view "Environments" and its commands. */
import type { Environment } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import { baseName, placeOf, scheme } from '../files/uri.ts';
import type { Kernels } from '../kernels/store.ts';
import type { Notebooks } from '../notebooks/notebooks.ts';
import type { Projects } from '../projects/store.ts';
import type { Handler } from '../vs/commands.ts';
import { briefly } from '../vs/progress.ts';
import { type BuildLogs, createBuildLogs } from './build-log.ts';
import { followBuild } from './changes.ts';
import { cloneEnvironment } from './clone.ts';
import { compareRevisions, registerRevisionTexts } from './compare.ts';
import { deleteEnvironment, describeEnvironment, renameEnvironment, rollBackEnvironment } from './edit.ts';
import { installFile, installPackages, uninstallPackages } from './install.ts';
import { createMissingOffer } from './missing.ts';
import { tellModulesChanged } from './modules-changed.ts';
import { type Node, keyOf } from './nodes.ts';
import type { Environments } from './store.ts';
import { type Target, type TargetOptions, type Targets, createTargets, isClone } from './target.ts';
import { createEnvironmentTree } from './tree.ts';

export type EnvironmentDeps = {
  connection: Connection;
  projects: Projects;
  kernels: Kernels;
  environments: Environments;
  notebooks: Pick<Notebooks, 'active' | 'sessionOf' | 'environmentOf' | 'select'>;
};

export function createEnvironmentRoom(deps: EnvironmentDeps) {
  const tree = createEnvironmentTree(deps);
  const view = vscode.window.createTreeView('bine.environments', { treeDataProvider: tree, canSelectMany: true, showCollapseAll: true });
  const buildLogs = createBuildLogs(deps.connection);
  const missing = createMissingOffer(deps);
  const targets = createTargets({ ...deps, selection: () => view.selection, active: () => activeOf(deps) });
  const disposables = vscode.Disposable.from(
    tree,
    view,
    buildLogs,
    missing,
    tellModulesChanged(deps),
    registerRevisionTexts(deps.connection),
  );
  return {
    tree,
    commands: {
      ...commandsOf(deps, { targets, buildLogs, refresh: () => deps.environments.refresh().then(tree.refresh) }),
      'bine.installMissing': missing.install,
    },
    dispose: () => disposables.dispose(),
  };
}

function activeOf({ notebooks }: EnvironmentDeps): { project: string; environment: string } | null {
  const session = notebooks.active();
  const environment = session && notebooks.environmentOf(session.notebook);
  return session && environment ? { project: session.place.project, environment } : null;
}

type Parts = { targets: Targets; buildLogs: BuildLogs; refresh: () => Promise<void> };

const noClone = 'Bundled environments never change. Clone one, and install what you need in the clone.';

function commandsOf(deps: EnvironmentDeps, { targets, buildLogs, refresh }: Parts) {
  const { environments } = deps.connection.client;
  const onOne = (options: TargetOptions, act: (deps: EnvironmentDeps, target: Target) => unknown) => async (node?: Node) =>
    act(deps, await targets.environment(node, options));
  const onClone = (title: string, act: (deps: EnvironmentDeps, target: Target) => unknown) =>
    onOne({ title, fits: isClone, nothing: noClone }, act);
  const isBusy = ({ state }: Target['environment']) => state === 'building' || state === 'changing';
  return {
    'bine.refreshEnvironments': refresh,
    'bine.cloneEnvironment': onOne({ title: 'Clone Environment' }, cloneEnvironment),
    'bine.installPackages': onClone('Install Packages', installPackages),
    'bine.installFile': async (uri?: vscode.Uri) => {
      const place = uri?.scheme === scheme ? placeOf(uri) : null;
      if (!place) throw new Problem('bad-request', 'Choose a requirements file or a wheel in the explorer of a project.');
      const options = {
        title: `Install ${baseName(place.path)}`,
        fits: (one: Environment) => one.project === place.project,
        nothing: noClone,
      };
      await installFile(deps, await targets.environment(undefined, options), place);
    },
    'bine.uninstallPackages': async (node?: Node, several?: Node[]) => {
      const packages = targets.selected('package', node, several);
      const [first] = packages;
      // Those of another environment were selected by mistake.
      const names = packages.filter(({ of }) => keyOf(of) === keyOf(first!.of)).map((each) => each.package.name);
      const target = await targets.environment(first?.of ?? node, { title: 'Uninstall Packages', fits: isClone, nothing: noClone });
      await uninstallPackages(deps, target, names);
    },
    'bine.rollBackEnvironment': async (node?: Node) => {
      const [revision] = targets.selected('revision', node);
      const target = await targets.environment(revision?.of ?? node, { title: 'Roll Back Environment', fits: isClone, nothing: noClone });
      await rollBackEnvironment(deps, target, revision?.revision.number);
    },
    'bine.compareRevisions': async (node?: Node, several?: Node[]) => {
      const revisions = targets.selected('revision', node, several);
      const [first] = revisions;
      const chosen = revisions.filter(({ of }) => keyOf(of) === keyOf(first!.of)).map(({ revision }) => revision.number);
      const target = await targets.environment(first?.of ?? node, { title: 'Compare Revisions', fits: isClone, nothing: noClone });
      await compareRevisions(deps, target, chosen);
    },
    'bine.renameEnvironment': onClone('Rename Environment', renameEnvironment),
    'bine.describeEnvironment': onClone('Describe Environment', describeEnvironment),
    'bine.deleteEnvironment': onClone('Delete Environment', deleteEnvironment),
    'bine.buildEnvironment': onOne(
      { title: 'Build Environment', fits: ({ state }) => state === 'absent' || state === 'failed', nothing: 'Every environment is built.' },
      ({ connection }, { project, environment }) =>
        followBuild({ connection, at: { project, environment: environment.name }, title: `Building ${environment.title}` }),
    ),
    'bine.cancelEnvironment': onOne(
      { title: 'Cancel Build or Change', fits: isBusy, nothing: 'No environment is being built or changed.' },
      (_, { project, environment }) =>
        briefly(`Cancelling ${environment.title}…`, () => environments.cancelBuild({ project, environment: environment.name })),
    ),
    'bine.showBuildLog': async (first?: string | Node, environment?: string, change?: string) => {
      if (typeof first === 'string') return buildLogs.show({ project: first, environment: environment!, change });
      const [revision] = targets.selected('revision', first);
      const target = await targets.environment(revision?.of ?? first, { title: 'Show Build Log', fits: ({ state }) => state !== 'absent' });
      return buildLogs.show({
        project: target.project,
        environment: target.environment.name,
        change: revision?.revision.change ?? undefined,
      });
    },
  } satisfies Record<string, Handler>;
}
