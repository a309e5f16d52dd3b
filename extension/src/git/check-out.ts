/** `Bine: Check Out Repository…`: an address, and what cannot be known without asking. */
import type { Project } from '@bine/shared';
import * as vscode from 'vscode';
import { namesIn } from '../files/names-in.ts';
import { toProblem } from '../connection/problem.ts';
import { type Place, join, nameProblem, placeOf, scheme, uriPath } from '../files/uri.ts';
import { isOpenHere, openProject } from '../projects/open-project.ts';
import { askText, cancelled, pickOrBack } from '../vs/ask.ts';
import { baseName } from '../files/uri.ts';
import { cause, folderOf, hostOf } from './address.ts';
import { askAddress } from './ask-address.ts';
import { askToken } from './ask-token.ts';
import type { GitDeps } from './git.ts';
import { followOperation } from './operation.ts';

const title = 'Check Out Repository';
/** Which project was chosen last. */
const kept = 'bine.git.project';

/** `given`: the project or folder that it goes into. */
export async function checkOut(deps: GitDeps, given?: Place): Promise<void> {
  const { url, folder } = await askWhat(deps, given);
  const path = join(folder.path, await freeName(deps, folder, folderOf(url)));
  await clone(deps, { project: folder.project, path }, url);
  await deps.repositories.refresh(folder.project);
  await show({ project: folder.project, path });
}

/** @throws Problem cancelled */
async function askWhat(deps: GitDeps, given?: Place): Promise<{ url: string; folder: Place }> {
  const known = given ?? (await onlyPlace(deps));
  const totalSteps = known ? 1 : 2;
  let url = '';
  for (;;) {
    const prompt = known ? `Address of the repository, which is checked out into ${uriPath(known).slice(1)}` : 'Address of the repository';
    url = await askAddress({ title, prompt, value: url, ...(totalSteps > 1 && { step: 1, totalSteps }) });
    if (known) return { url, folder: known };
    const project = await askProject(deps, { title, step: 2, totalSteps });
    if (project !== null) return { url, folder: { project, path: '' } };
  }
}

/** The project that is open, or the only one there is. */
export async function onlyPlace(deps: GitDeps): Promise<Place | null> {
  const projects = await writable(deps);
  const open = new Set(
    (vscode.workspace.workspaceFolders ?? []).flatMap(({ uri }) => (uri.scheme === scheme ? (placeOf(uri)?.project ?? []) : [])),
  );
  const here = projects.filter(({ name }) => open.has(name));
  const [one] = here.length === 1 ? here : projects.length === 1 ? projects : [];
  return one ? { project: one.name, path: '' } : null;
}

async function writable({ projects }: GitDeps): Promise<Project[]> {
  const all = (await projects.list()).filter(({ role }) => role !== 'viewer');
  if (all.length > 0) return all;
  void vscode.window
    .showInformationMessage('A repository is checked out into a project, and there is none yet.', 'Create Project…')
    .then((chosen) => chosen && vscode.commands.executeCommand('bine.createProject'));
  throw cancelled();
}

/** null: back. */
export async function askProject(
  deps: GitDeps,
  { title, ...steps }: { title: string; step: number; totalSteps: number },
): Promise<string | null> {
  const latest = deps.memory.get<string>(kept);
  const first = (name: string) => Number(isOpenHere(name)) * 2 + Number(name === latest);
  const sorted = (await writable(deps)).sort((a, b) => first(b.name) - first(a.name) || a.name.localeCompare(b.name));
  const choices = sorted.map(({ name, description }) => ({ label: `$(root-folder) ${name}`, description, value: name }));
  const project = await pickOrBack<string>(choices, { title, placeholder: 'In which project?', ...steps });
  if (project !== null) await deps.memory.update(kept, project);
  return project;
}

/** The repository's own name, unless it is taken. @throws Problem cancelled */
async function freeName({ connection }: GitDeps, folder: Place, name: string): Promise<string> {
  const taken = await namesIn(connection, folder);
  if (!taken.has(name)) return name;
  const where = uriPath(folder).slice(1);
  const free = Array.from({ length: taken.size + 1 }, (_, i) => `${name}-${i + 2}`).find((each) => !taken.has(each))!;
  return askText({
    title,
    prompt: `There is a "${name}" in ${where} already. Name of the new folder`,
    value: free,
    problem: (text) => nameProblem(text, taken),
  });
}

/** Public repositories need no token, so one is asked for only when the server wants it. */
async function clone({ connection }: GitDeps, { project, path }: Place, url: string): Promise<void> {
  for (;;) {
    try {
      await followOperation(connection, `Checking out ${baseName(path)}`, () => connection.client.git.clone({ project, path, url }));
      return;
    } catch (error) {
      const problem = toProblem(error);
      if (problem.code !== 'credential-needed') throw problem;
      await askToken(connection, { host: hostOf(url), why: cause(problem.message) });
    }
  }
}

async function show(place: Place): Promise<void> {
  if (isOpenHere(place.project)) {
    await vscode.commands.executeCommand('revealInExplorer', vscode.Uri.from({ scheme, path: uriPath(place) }));
    // What is in it is what was wanted.
    await vscode.commands.executeCommand('list.expand');
    return;
  }
  const answer = vscode.window.showInformationMessage(`"${baseName(place.path)}" is in the project "${place.project}".`, 'Open Project');
  void answer.then((chosen) => chosen && openProject({ name: place.project }));
}
