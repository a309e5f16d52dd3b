/** Asks for the token of a Git server, and says where it is made. The gateway keeps it, encrypted, for this user alone. */
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import { askText, askTextOrBack, cancelled } from '../vs/ask.ts';
import { tokenPage } from './address.ts';

const whoButton: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('account'), tooltip: 'Give a User Name, Too…' };

export type TokenQuestion = {
  host: string;
  /** Why it is asked for. */
  why?: string;
  username?: string;
};

/** @throws Problem cancelled */
export async function askToken({ client }: Pick<Connection, 'client'>, question: TokenQuestion): Promise<void> {
  const { host } = question;
  let username = question.username ?? '';
  for (;;) {
    const token = await askForIt({ ...question, username });
    if (token !== null) {
      await client.git.setCredential({ host, username, token });
      return;
    }
    const title = `User Name on ${host}`;
    username =
      (await askTextOrBack({ title, prompt: 'Some servers want it with the token. Empty: the token alone', value: username })) ?? username;
  }
}

/** null: the user name is to be given first. */
async function askForIt({ host, why, username }: TokenQuestion): Promise<string | null> {
  const { page, hint } = tokenPage(host);
  const makeButton: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('link-external'), tooltip: `Make a Token on ${host}` };
  const box = vscode.window.createInputBox();
  Object.assign(box, { title: `Token for ${username ? `${username} on ` : ''}${host}`, password: true, ignoreFocusOut: true });
  box.placeholder = 'Paste the token';
  box.prompt = [why, `${hint}. It is kept encrypted, for you alone.`].filter(Boolean).join(' ');
  box.buttons = [...(page ? [makeButton] : []), whoButton];
  try {
    return await new Promise<string | null>((resolve, reject) => {
      box.onDidTriggerButton((button) => (button === whoButton ? resolve(null) : vscode.env.openExternal(vscode.Uri.parse(page!))));
      box.onDidChangeValue(() => (box.validationMessage = problemOf(box.value)));
      box.onDidAccept(() => {
        box.validationMessage = problemOf(box.value) ?? (box.value.trim() ? undefined : 'Paste the token.');
        if (!box.validationMessage) resolve(box.value.trim());
      });
      box.onDidHide(() => reject(cancelled()));
      box.show();
    });
  } finally {
    box.dispose();
  }
}

function problemOf(text: string): string | undefined {
  return /\s/.test(text.trim()) ? 'There is white space in it: copy the token alone.' : undefined;
}

/** The host that a token is to be kept for. @throws Problem cancelled */
export function askHost(hostProblem: (text: string) => string | undefined): Promise<string> {
  return askText({
    title: 'Add a Git Token',
    prompt: 'The Git server that the token is for',
    placeholder: 'github.com',
    problem: hostProblem,
  });
}
