/** Who commits: asked once, before the first commit, and by `Bine: Set Git Identity…`. */
import type { GitIdentity } from '@bine/shared';
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import { askText, askTextOrBack } from '../vs/ask.ts';

/** @throws Problem cancelled */
export async function askIdentity({ client }: Pick<Connection, 'client'>, why?: string): Promise<void> {
  const known = (await client.git.identity({})) ?? (await identityOfEditor());
  const title = 'Git Identity';
  let name = known.name;
  for (;;) {
    name = await askText({
      title,
      step: 1,
      totalSteps: 2,
      prompt: `${why ? `${why} ` : ''}Your name, as it stands in commits`,
      placeholder: 'Ann Example',
      value: name,
      problem: nameProblem,
    });
    const email = await askTextOrBack({
      title,
      step: 2,
      totalSteps: 2,
      prompt: 'Your e-mail address, as it stands in commits',
      placeholder: 'ann@example.org',
      value: known.email,
      problem: emailProblem,
    });
    if (email === null) continue;
    await client.git.setIdentity({ name: name.trim(), email: email.trim() });
    return;
  }
}

function nameProblem(text: string): string | undefined {
  if (!text.trim()) return 'Type a name.';
  return /[\n<>]/.test(text) ? 'A name in a commit has no < or >.' : undefined;
}

function emailProblem(text: string): string | undefined {
  return /^[^\s@<>]+@[^\s@<>]+\.[^\s@<>.]+$/.test(text.trim()) ? undefined : 'Type an e-mail address, such as ann@example.org.';
}

/** As far as we need it of https://github.com/microsoft/vscode/blob/main/extensions/git/src/api/git.d.ts */
type GitExtension = {
  readonly enabled: boolean;
  getAPI(version: 1): { readonly repositories: readonly { getGlobalConfig(key: string): Promise<string> }[] };
};

/** What Git on this machine knows, where a folder of it is open, too. */
async function identityOfEditor(): Promise<GitIdentity> {
  const extension = vscode.extensions.getExtension<GitExtension>('vscode.git');
  const repository = extension?.isActive && extension.exports.enabled ? extension.exports.getAPI(1).repositories[0] : undefined;
  // A key that is not set is an error of Git's, and an empty box here.
  const read = async (key: string) => (await repository?.getGlobalConfig(key).catch(() => ''))?.trim() ?? '';
  const [name, email] = await Promise.all([read('user.name'), read('user.email')]);
  return { name, email };
}
