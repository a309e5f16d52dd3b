/** Asks which packages are to be installed, and shows what the index has while one types. */
import type { FoundPackage } from '@bine/shared';
import * as vscode from 'vscode';
import { pause } from '../connection/wait.ts';
import { cancelled, separator } from '../vs/ask.ts';
import { type Found, type PackageAction, packageRows, searched } from './package-rows.ts';

type Row = vscode.QuickPickItem & { action: PackageAction | null };
export type Answer = { action: Exclude<PackageAction, { do: 'type' }>; text: string };

export type PackageQuestion = {
  title: string;
  /** What stands in the box at first. */
  text: string;
  installed: Promise<ReadonlyMap<string, string>>;
  search: (name: string, signal: AbortSignal) => Promise<FoundPackage[]>;
};

/** Milliseconds between the last key and the question to the index. */
const calm = 250;
/** Milliseconds in which nobody typed on, until a name that the index does not have is taken for a whole one. */
const patience = 1000;
const previewButton: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('eye'), tooltip: 'Preview' };

/** @throws Problem cancelled */
export async function askPackages({ title, text, installed, search }: PackageQuestion): Promise<Answer> {
  const box = vscode.window.createQuickPick<Row>();
  Object.assign(box, { title, value: text, ignoreFocusOut: true, buttons: [previewButton] });
  // Not in the published types; without it, versions are sorted by how they match what is typed, above what Enter does.
  Object.assign(box, { sortByLabel: false });
  box.placeholder = 'seaborn, xgboost==2.1, requests[socks], git+https://…@branch';
  const known = new Map<string, Found | null>();
  let there: ReadonlyMap<string, string> = new Map();
  let asking = new AbortController();

  const show = () => {
    const name = searched(box.value);
    const groups = packageRows({ text: box.value, found: name === null ? null : known.get(name), installed: there });
    box.items = groups.flatMap(([heading, rows]) => [
      ...(heading && rows.length > 0 ? [{ ...separator(heading), action: null }] : []),
      ...rows.map((row) => ({ ...row, alwaysShow: true })),
    ]);
  };
  const learn = async () => {
    there = await installed;
    show();
  };
  const look = (name: string, signal: AbortSignal) => {
    box.busy = true;
    search(name, signal)
      .then(
        async ([first]) => {
          // Most likely it is only the beginning of a name.
          if (!first) await pause(patience, signal);
          return known.set(name, first ?? null);
        },
        // An index that cannot be asked offers nothing; what is typed can be installed all the same.
        () => undefined,
      )
      .finally(() => {
        if (signal.aborted) return;
        box.busy = false;
        show();
      });
  };
  const typed = () => {
    asking.abort();
    asking = new AbortController();
    box.busy = false;
    show();
    const { signal } = asking;
    const name = searched(box.value);
    if (name === null || known.has(name)) return;
    const timer = setTimeout(look, calm, name, signal);
    signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  };
  try {
    return await new Promise<Answer>((resolve, reject) => {
      const take = (action: PackageAction | null | undefined) => {
        if (!action) return;
        if (action.do !== 'type') return resolve({ action, text: box.value });
        box.value = action.text;
        typed();
      };
      box.onDidChangeValue(typed);
      box.onDidAccept(() => take(box.activeItems[0]?.action));
      box.onDidTriggerButton(() => take(box.items.find(({ action }) => action?.do === 'preview')?.action));
      box.onDidHide(() => reject(cancelled()));
      void learn();
      typed();
      box.show();
    });
  } finally {
    asking.abort();
    box.dispose();
  }
}
