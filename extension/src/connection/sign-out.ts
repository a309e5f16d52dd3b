/** `Bine: Sign Out`: the key is forgotten on this machine. Kernels go on. */
import * as vscode from 'vscode';
import { scheme } from '../files/uri.ts';
import type { SignInDeps } from './sign-in.ts';

export async function signOut({ connection, accounts }: SignInDeps): Promise<void> {
  // Afterwards they could not be saved any more.
  if (connection.state === 'connected') await saveFiles();
  if (connection.address) await accounts.forget(connection.address);
  accounts.show(null);
  connection.restart();
}

/** Those of projects. VS Code tells what it could not save. */
async function saveFiles(): Promise<void> {
  const { textDocuments, notebookDocuments } = vscode.workspace;
  const changed = [...textDocuments, ...notebookDocuments].filter(({ uri, isDirty }) => uri.scheme === scheme && isDirty);
  await Promise.all(changed.map((document) => document.save()));
}
