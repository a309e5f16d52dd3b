/** "Secrets…" of a project: what there is, new ones, other values. A value is typed once and never shown again. */
import { secretName } from '@bine/shared/names';
import type { Secret } from '@bine/shared';
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import { type Choice, askText, confirm, pick, separator } from '../vs/ask.ts';

type Owner = Secret['owner'];
type Chosen = { add: Owner } | { change: Secret };

const iconOf = { project: '$(lock)', user: '$(account)' };

export async function manageSecrets({ client }: Pick<Connection, 'client'>, project: string): Promise<void> {
  const title = `Secrets of ${project}`;
  const all = Promise.all([client.secrets.list({ project }), client.secrets.listMine({})]).then((lists) => lists.flat());
  const chosen = await pick<Chosen>(all.then(choicesOf), {
    title,
    placeHolder: 'Jobs and kernels get secrets by name; values are never shown',
  });
  if ('add' in chosen) {
    const name = await askName(title);
    await setValue(client, { project, name, owner: chosen.add });
    return;
  }
  const { name, owner } = chosen.change;
  const action = await pick<'replace' | 'remove'>(
    [
      { label: '$(edit) Give it another value…', value: 'replace' },
      { label: '$(trash) Remove…', value: 'remove' },
    ],
    { title: name, placeHolder: describe(chosen.change) },
  );
  if (action === 'replace') return setValue(client, { project, name, owner });
  await confirm(`Remove the secret ${name}?`, 'Nobody can get its value back. What runs keeps it until it ends.', 'Remove');
  await (owner === 'project' ? client.secrets.remove({ project, name }) : client.secrets.removeMine({ name }));
}

function choicesOf(all: readonly Secret[]): (Choice<Chosen> | vscode.QuickPickItem)[] {
  const of = (owner: Owner) => all.filter((secret) => secret.owner === owner);
  const shown = (secret: Secret) => ({
    label: `${iconOf[secret.owner]} ${secret.name}`,
    description: describe(secret),
    ...(secret.usedBy.length > 0 && { detail: `Used by ${secret.usedBy.map(({ type, title }) => `${type} ${title}`).join(', ')}` }),
    value: { change: secret },
  });
  const group = (label: string, secrets: Secret[]) => (secrets.length > 0 ? [separator(label), ...secrets.map(shown)] : []);
  return [
    { label: '$(add) Add a secret of the project…', detail: 'For whoever runs something in the project', value: { add: 'project' } },
    { label: '$(add) Add one of your own…', detail: 'Only what you run yourself gets it', value: { add: 'user' } },
    ...group('Of the project', of('project')),
    ...group('Your own', of('user')),
  ];
}

const describe = ({ set, setBy }: Secret): string => `set by ${setBy}, ${new Date(set).toLocaleString()}`;

function askName(title: string): Promise<string> {
  return askText({
    title,
    prompt: 'Name of the secret, as an environment variable is named',
    placeholder: 'HF_TOKEN',
    problem: (text) => (secretName.pattern.test(text) ? undefined : `In a name ${secretName.hint}.`),
  });
}

type Which = { project: string; name: string; owner: Owner };

async function setValue({ secrets }: Connection['client'], { project, name, owner }: Which): Promise<void> {
  const value = await askText({
    title: `Value of ${name}`,
    prompt: 'It is kept encrypted and never shown again. "bine secret set" takes files.',
    password: true,
    problem: (text) => (text === '' ? 'Paste the value.' : undefined),
  });
  await (owner === 'project' ? secrets.set({ project, name, value }) : secrets.setMine({ name, value }));
  void vscode.window.showInformationMessage(`${name} is set. What starts from now on can use it.`);
}
