/** What a change would do, to be read before it is done. */
import type { Preview } from '@bine/shared';
import * as vscode from 'vscode';
import { type Choice, pick, separator } from '../vs/ask.ts';

/** @throws Problem cancelled */
export function askAfterPreview(title: string, { added, updated, removed, lines }: Preview): Promise<'go' | 'back'> {
  const row = (icon: string, label: string, description: string): vscode.QuickPickItem => ({ label: `$(${icon}) ${label}`, description });
  const group = (heading: string, rows: vscode.QuickPickItem[]) =>
    rows.length > 0 ? [separator(`${heading}: ${rows.length}`), ...rows] : [];
  const nothing = added.length + updated.length + removed.length === 0;
  const go: Choice<'go' | 'back'> = { label: '$(check) Install', description: 'do this', value: 'go' };
  const back: Choice<'go' | 'back'> = { label: '$(arrow-left) Back', description: 'change what is asked for', value: 'back' };
  return pick<'go' | 'back'>(
    [
      ...(nothing ? [] : [go]),
      back,
      ...group(
        'Added',
        added.map(({ name, version }) => row('diff-added', name, version)),
      ),
      ...group(
        'Changed',
        updated.map(({ name, from, to }) => row('diff-modified', name, `${from} → ${to}`)),
      ),
      ...group(
        'Removed',
        removed.map(({ name, version }) => row('diff-removed', name, version)),
      ),
      separator('In the words of the resolver'),
      ...lines.map((line) => row('blank', line, '')),
    ],
    { title, placeHolder: nothing ? 'Nothing would change: all of it is there' : 'Nothing is changed yet', ignoreFocusOut: true },
  );
}
