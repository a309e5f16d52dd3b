/** Asks for the address of a repository, and says while it is typed what is made of it. */
import * as vscode from 'vscode';
import { cancelled } from '../vs/ask.ts';
import { readAddress } from './address.ts';

export type AddressQuestion = { title: string; prompt: string; value?: string; step?: number; totalSteps?: number };

/** As the gateway takes it. @throws Problem cancelled */
export async function askAddress(question: AddressQuestion): Promise<string> {
  const box = vscode.window.createInputBox();
  Object.assign(box, { placeholder: 'https://github.com/owner/repository', ignoreFocusOut: true, ...question });
  const check = () => {
    const address = readAddress(box.value);
    const { Error, Info } = vscode.InputBoxValidationSeverity;
    if (address.url === null) box.validationMessage = { message: address.problem, severity: Error };
    else box.validationMessage = address.note ? { message: address.note, severity: Info } : undefined;
    return address.url;
  };
  try {
    return await new Promise((resolve, reject) => {
      box.onDidChangeValue(check);
      box.onDidAccept(() => {
        const url = check();
        if (url !== null) resolve(url);
      });
      box.onDidHide(() => reject(cancelled()));
      box.show();
    });
  } finally {
    box.dispose();
  }
}
