/** What stands in the view "Environments", and how each thing there is told apart at a glance. */
import type { Change, Environment, EnvironmentUser, Package, Project, Revision } from '@bine/shared';
import { duration } from '../vs/units.ts';
import { listed } from './package-rows.ts';

export type ProjectNode = { kind: 'project'; project: Project };
export type EnvironmentNode = { kind: 'environment'; project: Project; environment: Environment };
export type Group = 'packages' | 'revisions' | 'users';
export type GroupNode = { kind: Group; of: EnvironmentNode };
export type PackageNode = { kind: 'package'; of: EnvironmentNode; package: Package };
export type RevisionNode = { kind: 'revision'; of: EnvironmentNode; revision: Revision };
export type UserNode = { kind: 'user'; of: EnvironmentNode; user: EnvironmentUser };
export type Node = ProjectNode | EnvironmentNode | GroupNode | PackageNode | RevisionNode | UserNode;

export function keyOf(node: Node): string {
  if (node.kind === 'project') return node.project.name;
  if (node.kind === 'environment') return `${node.project.name}/${node.environment.name}`;
  const parent = keyOf(node.of);
  if (node.kind === 'package') return `${parent}/packages/${node.package.name}`;
  if (node.kind === 'revision') return `${parent}/revisions/${node.revision.number}`;
  if (node.kind === 'user') return `${parent}/users/${node.user.type}/${node.user.id}`;
  return `${parent}/${node.kind}`;
}

export const canChange = ({ project }: Pick<EnvironmentNode, 'project'>) => project.role !== 'viewer';

/** Menus test for these: `;install;` and so on. */
export function capabilitiesOf(node: Node): string {
  return [
    node.kind,
    ...(node.kind === 'project' || !canChange(node.kind === 'environment' ? node : node.of) ? [] : abilities(node)),
    '',
  ].join(';');
}

function abilities(node: Exclude<Node, ProjectNode>): string[] {
  const { environment } = node.kind === 'environment' ? node : node.of;
  const clone = !environment.bundled;
  if (node.kind === 'package') return clone ? ['uninstall'] : [];
  if (node.kind === 'revision')
    return [...(node.revision.number === environment.revision ? [] : ['rollBack']), ...(node.revision.change ? ['log'] : [])];
  if (node.kind === 'packages') return clone ? ['install'] : [];
  if (node.kind !== 'environment') return [];
  const { state } = environment;
  const busy = state === 'building' || state === 'changing';
  return [
    'clone',
    ...(clone ? ['install', 'edit'] : ['bundled']),
    ...(busy ? ['cancel'] : []),
    ...(!clone && (state === 'absent' || state === 'failed') ? ['build'] : []),
    ...(state === 'absent' ? [] : ['log']),
  ];
}

export type Look = { label: string; description: string; icon: string; color?: string };

const stateLooks: Record<Environment['state'], { icon: string; color?: string; word: string }> = {
  absent: { icon: 'circle-outline', word: 'built on first use' },
  building: { icon: 'sync~spin', word: 'being built' },
  ready: { icon: 'server-environment', word: '' },
  changing: { icon: 'sync~spin', word: 'being changed' },
  failed: { icon: 'error', color: 'notebookStatusErrorIcon.foreground', word: 'its last build failed' },
};

/** `change`: the one under way, if any. */
export function environmentLook({ title, state, bundled, revision, problem }: Environment, change?: Change): Look {
  const { icon, color, word } = stateLooks[state];
  // A change that failed left it as it was: whoever asked for it was told, and the tooltip says it.
  const trouble = problem && state === 'failed' ? 'cannot be used' : null;
  const doing = change && isOpen(change) ? changeWords(change) : bundled ? word : state === 'ready' || state === 'failed' ? trouble : word;
  const description = [bundled ? 'bundled' : `revision ${revision}`, doing].filter(Boolean).join(' · ');
  return { label: title, description, icon, ...(color && { color }) };
}

export const isOpen = ({ state }: Pick<Change, 'state'>) => !['succeeded', 'failed', 'cancelled'].includes(state);

/** What is being done: `installing seaborn`. */
export function changeWords({ state, install, uninstall, rollbackTo }: Change): string {
  const what =
    rollbackTo !== null
      ? `rolling back to revision ${rollbackTo}`
      : [
          ...(install.length > 0 ? [`installing ${listed(install)}`] : []),
          ...(uninstall.length > 0 ? [`uninstalling ${listed(uninstall)}`] : []),
        ].join(', ');
  return state === 'queued' ? `waits before ${what}` : what || 'being changed';
}

export type Facts = [name: string, value: string][];

/** Leaves out what there is nothing to say of. */
function facts(rows: [name: string, value: string | null][]): Facts {
  return rows.filter((row): row is [string, string] => Boolean(row[1]));
}

export function environmentFacts(environment: Environment): Facts {
  const { name, purpose, description, bundled, from, revision, state, problem, built, packages } = environment;
  return facts([
    ['Name', name],
    ['About', description],
    ['For', `${purpose} pipelines`],
    ['Bundled', bundled ? 'cannot be changed; clone it to add packages' : null],
    ['Clone of', from],
    ['Revision', revision === null ? null : String(revision)],
    ['State', stateLooks[state].word || 'ready'],
    ['Problem', problem],
    ['Made', built && new Date(built).toLocaleString()],
    ['Asked for', packages.join(', ') || 'nothing'],
  ]);
}

export function packageLook({ name, version, source, direct }: Package): Look {
  const where = { bundled: '', index: '', git: 'Git', wheel: 'wheel' }[source];
  const description = [version, where].filter(Boolean).join(' · ');
  return { label: name, description, icon: direct ? 'package' : 'circle-small', ...(!direct && { color: 'disabledForeground' }) };
}

export function packageFacts({ version, source, from, direct }: Package): Facts {
  const sources = { bundled: 'came with the bundled environment', index: 'package index', git: 'Git', wheel: 'wheel file' };
  return [
    ['Version', version],
    ['Source', from ? `${sources[source]}: ${from}` : sources[source]],
    ['Why', direct ? 'asked for' : 'another package needs it'],
  ];
}

/** Those that were asked for first, each part by name. */
export function sortPackages(packages: readonly Package[]): Package[] {
  return [...packages].sort((a, b) => Number(b.direct) - Number(a.direct) || a.name.localeCompare(b.name));
}

export function revisionLook({ number, summary, time, user }: Revision, current: number | null, now: number): Look {
  const isCurrent = number === current;
  return {
    label: `Revision ${number}`,
    description: [isCurrent ? 'current' : '', summary, `${user}, ${duration(now - Date.parse(time))} ago`].filter(Boolean).join(' · '),
    icon: isCurrent ? 'pass' : 'git-commit',
    ...(isCurrent && { color: 'notebookStatusSuccessIcon.foreground' }),
  };
}

export function revisionFacts({ time, user, changes, rollbackTo, image }: Revision): Facts {
  const { added, removed, updated } = changes;
  const versioned = (all: readonly { name: string; version: string }[]) => all.map(({ name, version }) => `${name} ${version}`);
  return facts([
    ['When', new Date(time).toLocaleString()],
    ['Who', user],
    ['Like', rollbackTo === null ? null : `revision ${rollbackTo}`],
    ['Added', listed(versioned(added), 20)],
    ['Removed', listed(versioned(removed), 20)],
    [
      'Changed',
      listed(
        updated.map(({ name, from, to }) => `${name} ${from} → ${to}`),
        20,
      ),
    ],
    ['Digest', image.slice(0, 19)],
  ]);
}

export function userLook({ type, id, title, revision }: EnvironmentUser, current: number | null): Look {
  const old = revision !== null && revision !== current ? `still revision ${revision}` : '';
  return { label: title || id, description: [type, old].filter(Boolean).join(' · '), icon: type === 'kernel' ? 'notebook' : 'play-circle' };
}

export const groupLooks: Record<Group, { label: string; icon: string }> = {
  packages: { label: 'Packages', icon: 'package' },
  revisions: { label: 'Revisions', icon: 'history' },
  users: { label: 'In Use By', icon: 'vm-active' },
};
