/** A quick pick that is open at once and fills while it is searched; hiding it ends the search. */
import * as vscode from 'vscode';

export type GrowingPick<T extends vscode.QuickPickItem> = {
  title?: string;
  placeholder: string;
  onType?(text: string): void;
  open(item: T): void;
  /** Adds what it finds to `found`. */
  search(found: T[], signal: AbortSignal): Promise<void>;
  /** Of the whole, once it is there. */
  titleOf(count: number): string | undefined;
};

const updateMilliseconds = 100;

export async function pickWhileSearching<T extends vscode.QuickPickItem>(pick: GrowingPick<T>): Promise<void> {
  const box = vscode.window.createQuickPick<T>();
  const ending = new AbortController();
  const found: T[] = [];
  Object.assign(box, { title: pick.title, placeholder: pick.placeholder, matchOnDescription: true, busy: true });
  if (pick.onType) box.onDidChangeValue((text) => pick.onType!(text));
  box.onDidHide(() => {
    ending.abort();
    box.dispose();
  });
  box.onDidAccept(() => {
    const [item] = box.selectedItems;
    box.hide();
    if (item) pick.open(item);
  });
  box.show();
  const update = () => (box.items.length === found.length ? undefined : (box.items = [...found]));
  const updating = setInterval(update, updateMilliseconds);
  try {
    await pick.search(found, ending.signal);
  } finally {
    clearInterval(updating);
    if (!ending.signal.aborted) {
      update();
      box.busy = false;
      box.title = pick.titleOf(found.length);
    }
  }
}
