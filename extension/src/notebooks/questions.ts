/** Asks the user what `input()` and `getpass()` wait for. Whoever looks away finds the question in the cell's status bar. */
import * as vscode from 'vscode';
import { baseName } from '../files/uri.ts';
import type { Question, Run } from '@bine/client/notebooks/run';
import type { Session } from './session.ts';

export type Questions = vscode.Disposable & {
  /** Looks whether a session has a new question, or one that is answered. */
  look(session: Session): void;
  /** Shows the box of a cell's question again. */
  ask(session: Session, run: Run): void;
};

type Box = { input: vscode.InputBox; session: Session };

export function createQuestions(): Questions {
  const asked = new Set<string>();
  const boxes = new Map<string, Box>();

  function ask(session: Session, { question }: Run): void {
    if (!question || boxes.has(question.header.msg_id)) return;
    const id = question.header.msg_id;
    const input = vscode.window.createInputBox();
    boxes.set(id, { input, session });
    asked.add(id);
    Object.assign(input, look(session, question));
    input.onDidAccept(() => {
      session.answer(question, input.value);
      input.hide();
    });
    // Hidden without an answer, the cell goes on waiting: an empty answer would be a wrong one.
    input.onDidHide(() => {
      boxes.delete(id);
      input.dispose();
    });
    input.show();
  }

  return {
    ask,
    look(session) {
      const waiting = [...session.runs.values()].filter(({ question }) => question);
      const open = new Set(waiting.map(({ question }) => question!.header.msg_id));
      for (const [id, box] of boxes) if (box.session === session && !open.has(id)) box.input.hide();
      const isSeen = vscode.window.visibleNotebookEditors.some(({ notebook }) => notebook === session.notebook);
      for (const run of waiting) if (isSeen && !asked.has(run.question!.header.msg_id)) ask(session, run);
    },
    dispose() {
      for (const { input } of boxes.values()) input.dispose();
    },
  };
}

function look(session: Session, { prompt, password }: Question): Partial<vscode.InputBox> {
  return {
    title: baseName(session.place.path),
    prompt: prompt.trim() || 'The cell waits for an input.',
    password,
    ignoreFocusOut: true,
  };
}
