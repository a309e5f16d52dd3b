/** `Bine: Create API Key…`: for a colleague, a script or another machine. The secret is shown once. */
import { userName } from '@bine/shared/names';
import * as vscode from 'vscode';
import { toProblem } from '../connection/problem.ts';
import { type Choice, askText, pick } from '../vs/ask.ts';
import { type KeyPreset, scopesOf } from './key-presets.ts';
import type { ProjectDeps } from './projects.ts';

const title = 'Create API Key';

/** What the key may do, as a person would say it; undefined: all that the calling key may. The usual one is first, where Enter takes it. */
function kindsFor(user: string, isMine: boolean): Choice<KeyPreset | undefined>[] {
  const all: Choice<undefined> = { label: `$(pass) Everything that ${isMine ? 'you' : user} may do`, value: undefined };
  const parts: Choice<KeyPreset>[] = [
    {
      label: '$(beaker) Work in projects',
      description: 'files, environments, kernels, jobs, Git and all else in a project',
      value: 'work',
    },
    { label: '$(eye) Read only', description: 'look at all of it, change nothing', value: 'read' },
  ];
  return isMine ? [all, ...parts] : [...parts, all];
}

export async function createApiKey({ connection }: ProjectDeps): Promise<void> {
  const { access } = connection.client;
  const me = await access.me({});
  const user = me.user.admin ? await askUser(connection, me.user.name) : me.user.name;
  const isMine = user === me.user.name;
  const preset = await pick<KeyPreset | undefined>(kindsFor(user, isMine), { title, placeHolder: `What may ${user} do with it?` });
  const scopes = preset && scopesOf(preset, me.key.scopes);
  const name = await askText({
    title,
    prompt: 'What the key is for',
    value: isMine ? 'script' : `laptop of ${user}`,
    problem: nameProblem,
  });
  const { secret } = await access.createKey({ name, user, ...(scopes && { scopes }) });
  await showSecret(secret, { what: `The key "${name}" of ${user}`, address: connection.address });
  if (!isMine) void offerMembership(user);
}

/** In a dialog, which shows all of it and stays until it is closed; a notification cuts what is long. */
async function showSecret(secret: string, { what, address }: { what: string; address: string | null }): Promise<void> {
  const detail = `${secret}\n\nIt is not shown again. "Bine: Sign In…" asks for it and for the address of the gateway, ${address}.`;
  const copy = 'Copy';
  const chosen = await vscode.window.showInformationMessage(`${what} was created.`, { modal: true, detail }, copy);
  if (chosen === copy) await vscode.env.clipboard.writeText(secret);
}

/** A key alone shows nothing. */
async function offerMembership(user: string): Promise<void> {
  const manage = 'Manage Members…';
  const chosen = await vscode.window.showInformationMessage(`${user} sees a project once you make them a member of it.`, manage);
  if (chosen === manage) await vscode.commands.executeCommand('bine.manageMembers');
}

/** An administrator makes keys for others too, who become users with their first one. */
async function askUser({ client }: ProjectDeps['connection'], me: string): Promise<string> {
  const users = (await client.access.listUsers({})).map(({ name }) => name);
  const others = users.filter((name) => name !== me).map((name) => ({ label: `$(person) ${name}`, value: name }));
  const chosen = await pick<string | null>(
    [{ label: `$(account) ${me}`, description: 'you', value: me }, ...others, { label: '$(person-add) New user…', value: null }],
    { title, placeHolder: 'Whose key?' },
  );
  if (chosen !== null) return chosen;
  const name = await askText({
    title,
    prompt: 'Name of the new user. It sees only the projects that it is made a member of.',
    problem: (text) => (userName.pattern.test(text) ? undefined : `In the name of a user ${userName.hint}.`),
  });
  await client.access.createUser({ name }).catch((error: unknown) => {
    if (toProblem(error).code !== 'already-exists') throw error;
  });
  return name;
}

function nameProblem(name: string): string | undefined {
  if (!name.trim()) return 'Say what it is for, so that it can be told apart later.';
  return name.length > 100 ? `${name.length - 100} characters too long.` : undefined;
}
