/** Questions to the user. A dismissed question ends the command without a word. */
import { Problem } from '@bine/shared/problems';
import * as vscode from 'vscode';

export const cancelled = () => new Problem('cancelled', 'Cancelled.');

export type TextQuestion = {
  title: string;
  prompt: string;
  placeholder?: string;
  value?: string;
  /** The part of `value` that is selected, [from, to). */
  selection?: [number, number];
  password?: boolean;
  step?: number;
  totalSteps?: number;
  /** Why the answer before was refused; stands there until something is typed. */
  refused?: string | undefined;
  /** Why what is typed cannot be used; undefined when it can. */
  problem?: (text: string) => string | undefined;
};

/** @throws Problem cancelled */
export async function askText(question: TextQuestion): Promise<string> {
  const text = await askTextOrBack(question, []);
  if (text === null) throw cancelled();
  return text;
}

/** With a back button, for the second question of two; null: back was chosen. @throws Problem cancelled */
export async function askTextOrBack(question: TextQuestion, buttons = backFrom(question)): Promise<string | null> {
  const { problem, refused, selection, ...options } = question;
  const box = vscode.window.createInputBox();
  Object.assign(box, options, numberOf(question), { ignoreFocusOut: true, buttons });
  if (selection) box.valueSelection = selection;
  if (refused) box.validationMessage = refused;
  const check = () => {
    const said = problem?.(box.value);
    box.validationMessage = said;
    return said === undefined;
  };
  try {
    return await new Promise((resolve, reject) => {
      box.onDidChangeValue(check);
      box.onDidTriggerButton(() => resolve(null));
      box.onDidAccept(() => check() && resolve(box.value));
      box.onDidHide(() => reject(cancelled()));
      box.show();
    });
  } finally {
    box.dispose();
  }
}

export type Choice<T> = vscode.QuickPickItem & { value: T };

/** @throws Problem cancelled */
export async function pick<T>(
  choices: (Choice<T> | vscode.QuickPickItem)[] | Promise<(Choice<T> | vscode.QuickPickItem)[]>,
  options: vscode.QuickPickOptions & { title: string },
): Promise<T> {
  const chosen = await vscode.window.showQuickPick(choices, { matchOnDescription: true, matchOnDetail: true, ...options });
  if (!chosen || !('value' in chosen)) throw cancelled();
  return chosen.value;
}

export type Step = { title: string; placeholder: string; step: number; totalSteps: number };

type Numbered = { step?: number; totalSteps?: number };

/** A question that is alone has no number. */
const numberOf = ({ step, totalSteps }: Numbered) => (totalSteps === 1 ? { step: undefined, totalSteps: undefined } : { step, totalSteps });

const backFrom = ({ totalSteps }: Numbered) => (totalSteps === 1 ? [] : [vscode.QuickInputButtons.Back]);

/** One question of several, with a back button; null: back was chosen. The first choice is the one that Enter takes. @throws Problem cancelled */
export async function pickOrBack<T>(choices: readonly Choice<T>[] | Promise<readonly Choice<T>[]>, question: Step): Promise<T | null> {
  const box = vscode.window.createQuickPick<Choice<T>>();
  const buttons = question.step > 1 ? [vscode.QuickInputButtons.Back] : [];
  Object.assign(box, question, numberOf(question), {
    ignoreFocusOut: true,
    buttons,
    matchOnDescription: true,
    matchOnDetail: true,
    busy: true,
  });
  try {
    return await new Promise<T | null>((resolve, reject) => {
      box.onDidTriggerButton(() => resolve(null));
      box.onDidAccept(() => box.selectedItems[0] && resolve(box.selectedItems[0].value));
      box.onDidHide(() => reject(cancelled()));
      box.show();
      const fill = async () => Object.assign(box, { items: await choices, busy: false });
      fill().catch(reject);
    });
  } finally {
    box.dispose();
  }
}

/** Of several, any number; null: back was chosen. @throws Problem cancelled */
export async function pickManyOrBack<T extends vscode.QuickPickItem>(choices: readonly T[], question: Step): Promise<readonly T[] | null> {
  const box = vscode.window.createQuickPick<T>();
  Object.assign(box, question, { ignoreFocusOut: true, buttons: [vscode.QuickInputButtons.Back], canSelectMany: true, items: choices });
  box.selectedItems = choices.filter(({ picked }) => picked);
  try {
    return await new Promise<readonly T[] | null>((resolve, reject) => {
      box.onDidTriggerButton(() => resolve(null));
      box.onDidAccept(() => resolve(box.selectedItems));
      box.onDidHide(() => reject(cancelled()));
      box.show();
    });
  } finally {
    box.dispose();
  }
}

export function separator(label: string): vscode.QuickPickItem {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}

/** For what cannot be undone. @throws Problem cancelled */
export async function confirm(question: string, detail: string, button: string): Promise<void> {
  const answer = await vscode.window.showWarningMessage(question, { modal: true, detail }, button);
  if (answer !== button) throw cancelled();
}
