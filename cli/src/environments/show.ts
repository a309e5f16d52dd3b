/** How builds, changes and revisions of environments are printed. */
import type { BuildLine, Change, PackageChanges, Revision } from '@bine/shared';
import { formatAge, jsonText, type Terminal } from '../terminal.ts';
import type { Context } from '../verb.ts';

export const showLine =
  ({ terminal, json }: Context) =>
  (line: BuildLine) =>
    terminal.print(json ? jsonText(line) : line.text);

/** `+ seaborn 0.13.2`, a line each. */
export function changeLines({ added, updated, removed }: PackageChanges): string[] {
  return [
    ...added.map(({ name, version }) => `+ ${name} ${version}`),
    ...updated.map(({ name, from, to }) => `~ ${name} ${from} → ${to}`),
    ...removed.map(({ name, version }) => `- ${name} ${version}`),
  ];
}

export function showRevisions(all: readonly Revision[], terminal: Terminal): void {
  terminal.printTable(
    ['revision', 'made', 'by', 'what', 'change'],
    all.map(({ number, time, user, summary, change }) => [String(number), formatAge(time), user, summary, change ?? '']),
    'It has no revisions: bundled environments never change.',
  );
}

export function showChanges(all: readonly Change[], terminal: Terminal): void {
  const what = ({ install, uninstall, rollbackTo }: Change) =>
    rollbackTo === null
      ? [...install.map((name) => `+ ${name}`), ...uninstall.map((name) => `- ${name}`)].join(' ')
      : `back to ${rollbackTo}`;
  terminal.printTable(
    ['id', 'submitted', 'by', 'what', 'state', 'revision'],
    all.map((change) => [
      change.id,
      formatAge(change.submitted),
      change.user,
      what(change),
      change.state + (change.problem ? `: ${change.problem}` : ''),
      change.revision === null ? '' : String(change.revision),
    ]),
    'Nothing was asked of it yet.',
  );
}
