/** `Bine: Install Packages…` and `Uninstall Packages…`. */
import type { Change, Package } from '@bine/shared';
import * as vscode from 'vscode';
import { contentPath } from '../files/transfer.ts';
import { type Place, baseName } from '../files/uri.ts';
import { cancelled } from '../vs/ask.ts';
import { withProgress } from '../vs/progress.ts';
import { type Answer, askPackages } from './ask-packages.ts';
import { followChange } from './changes.ts';
import type { EnvironmentDeps } from './environments.ts';
import { sortPackages } from './nodes.ts';
import { chooseRequirements, chooseWheel } from './package-files.ts';
import { listed } from './package-rows.ts';
import { askAfterPreview } from './show-preview.ts';
import type { Target } from './target.ts';

/** What is to be installed; `what` in the words of the user. */
type Wish = { what: string; install?: string[]; requirements?: string; wheels?: string[] };

export async function installPackages(deps: EnvironmentDeps, target: Target): Promise<Change> {
  const { connection } = deps;
  const { client } = connection;
  const at = { project: target.project, environment: target.environment.name };
  const title = `Install Packages in ${target.environment.title}`;
  const installed = client.environments.packages(at).then(
    (all) => new Map(all.map(({ name, version }) => [name, version])),
    () => new Map<string, string>(),
  );
  const search = (text: string, signal: AbortSignal) => client.environments.search({ ...at, text }, { signal });
  for (let text = ''; ;) {
    const answer = await askPackages({ title, text, installed, search });
    const wish = await wishOf(deps, target, answer);
    if (answer.action.do === 'install') return install(deps, target, wish);
    const preview = await withProgress(`Resolving ${wish.what} for ${target.environment.title}`, (signal) =>
      client.environments.preview({ ...at, ...withoutWords(wish) }, { signal }),
    );
    if ((await askAfterPreview(`${wish.what} in ${target.environment.title}`, preview)) === 'go') return install(deps, target, wish);
    ({ text } = answer);
  }
}

export function install({ connection }: EnvironmentDeps, { project, environment }: Target, wish: Wish): Promise<Change> {
  const at = { project, environment: environment.name };
  const idempotencyKey = crypto.randomUUID();
  return followChange({ connection, at, title: `Installing ${wish.what} in ${environment.title}` }, () =>
    connection.client.environments.change({ ...at, ...withoutWords(wish), idempotencyKey }),
  );
}

/** A requirements file or a wheel of the project, as it is in the explorer. */
export async function installFile(deps: EnvironmentDeps, target: Target, place: Place): Promise<void> {
  const what = baseName(place.path);
  const isWheel = what.endsWith('.whl');
  const text = isWheel ? '' : await (await deps.connection.fetch(contentPath(place))).text();
  await install(deps, target, isWheel ? { what, wheels: [place.path] } : { what, requirements: text });
}

const withoutWords = ({ what: _what, ...wish }: Wish) => wish;

async function wishOf({ connection }: EnvironmentDeps, { project }: Target, { action }: Answer): Promise<Wish> {
  if (action.do === 'requirements') {
    const { name, text } = await chooseRequirements(connection, project);
    return { what: name, requirements: text };
  }
  if (action.do === 'wheel') {
    const wheel = await chooseWheel(connection, project);
    return { what: baseName(wheel), wheels: [wheel] };
  }
  return { what: listed(action.packages), install: action.packages };
}

/** Needs no question: a roll back brings them back. */
export async function uninstallPackages(deps: EnvironmentDeps, target: Target, names: readonly string[]): Promise<void> {
  const { connection } = deps;
  const { project, environment } = target;
  const at = { project, environment: environment.name };
  const chosen = names.length > 0 ? names : await askInstalled(environment.title, await connection.client.environments.packages(at));
  const idempotencyKey = crypto.randomUUID();
  await followChange({ connection, at, title: `Uninstalling ${listed(chosen)} from ${environment.title}` }, () =>
    connection.client.environments.change({ ...at, uninstall: [...chosen], idempotencyKey }),
  );
}

async function askInstalled(title: string, packages: readonly Package[]): Promise<string[]> {
  const items = sortPackages(packages).map(({ name, version, direct }) => ({
    label: name,
    description: [version, direct ? '' : 'needed by others'].filter(Boolean).join(' · '),
  }));
  const options = { title: `Uninstall Packages from ${title}`, placeHolder: 'Which packages?', canPickMany: true as const };
  const chosen = await vscode.window.showQuickPick(items, options);
  if (!chosen?.length) throw cancelled();
  return chosen.map(({ label }) => label);
}
