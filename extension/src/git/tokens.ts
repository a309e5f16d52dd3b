/** `Bine: Manage Git Tokens…`: for which servers there is one, to replace it, forget it, or add another. */
import type { GitCredential } from '@bine/shared';
import { gitHost, problemOfGitHost, problemOfGitUrl } from '@bine/shared/names';
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import { type Choice, cancelled, confirm } from '../vs/ask.ts';
import { duration } from '../vs/units.ts';
import { hostOf } from './address.ts';
import { askHost, askToken } from './ask-token.ts';

type Answer = { credential: GitCredential | null; forget: boolean };

const forgetButton: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('trash'), tooltip: 'Forget Token…' };

export async function manageTokens(connection: Connection): Promise<void> {
  const { git } = connection.client;
  const { credential, forget } = await choose(git.credentials({}));
  if (!credential) {
    const host = hostTyped(await askHost((text) => (hostTyped(text) === null ? `Here ${gitHost.hint}.` : undefined)));
    await askToken(connection, { host: host! });
  } else if (forget) {
    await confirm(`Forget the token for ${credential.host}?`, 'It stays valid on the server until it is revoked there.', 'Forget Token');
    await git.deleteCredential({ host: credential.host });
  } else {
    await askToken(connection, {
      host: credential.host,
      username: credential.username,
      why: 'It takes the place of the one that is kept.',
    });
  }
}

/** People paste addresses. */
function hostTyped(text: string): string | null {
  const host = text.trim().toLowerCase();
  if (problemOfGitHost(host) === null) return host;
  return problemOfGitUrl(text.trim()) === null ? hostOf(text.trim()) : null;
}

/** @throws Problem cancelled */
async function choose(credentials: Promise<GitCredential[]>): Promise<Answer> {
  const box = vscode.window.createQuickPick<Choice<GitCredential | null>>();
  Object.assign(box, { title: 'Git Tokens', placeholder: 'Choose a token to replace it', busy: true, matchOnDescription: true });
  try {
    return await new Promise<Answer>((resolve, reject) => {
      box.onDidAccept(() => box.selectedItems[0] && resolve({ credential: box.selectedItems[0].value, forget: false }));
      box.onDidTriggerItemButton(({ item }) => resolve({ credential: item.value, forget: true }));
      box.onDidHide(() => reject(cancelled()));
      box.show();
      const fill = async () => {
        const known = (await credentials).map((value) => ({
          label: `$(key) ${value.host}`,
          description: [value.username, `added ${duration(Date.now() - Date.parse(value.added))} ago`].filter(Boolean).join(' · '),
          buttons: [forgetButton],
          value,
        }));
        box.items = [...known, { label: '$(add) Add a Token for Another Server…', value: null, alwaysShow: true }];
        box.busy = false;
      };
      fill().catch(reject);
    });
  } finally {
    box.dispose();
  }
}
