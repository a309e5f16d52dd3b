/** What "Install Packages…" offers for what has been typed so far. */
import { nameOf, readRequirements } from './requirements.ts';

/** What the index knows under a name; versions newest first. */
export type Found = { name: string; versions: readonly string[]; summary?: string | null };

export type PackageAction =
  | { do: 'install'; packages: string[] }
  | { do: 'preview'; packages: string[] }
  /** Goes on typing, with this in the box. */
  | { do: 'type'; text: string }
  | { do: 'requirements' }
  | { do: 'wheel' };

export type PackageRow = { label: string; description?: string; detail?: string; action: PackageAction | null };

export type Typed = {
  text: string;
  /** null: the index has nothing of that name; undefined: nobody knows yet. */
  found: Found | null | undefined;
  /** Name in its normal form → version. */
  installed: ReadonlyMap<string, string>;
};

/** Older versions to choose from. */
const versionsShown = 30;

/** Rows in groups, each under a heading; the first row is what Enter does. */
export function packageRows(typed: Typed): [heading: string, rows: PackageRow[]][] {
  const { requirements, rest } = readRequirements(typed.text);
  /** The version is still to come. */
  const isHalf = /^\S*==$/.test(rest);
  return [
    ['', isHalf ? [] : rest ? [unreadable(rest)] : actions(requirements, typed.installed)],
    ['In the index', rest && !isHalf ? [] : versions(typed)],
    ['From a file', typed.text.trim() ? [] : files],
  ];
}

/** What the index is asked for: the name in the last word; null: there is nothing to ask. */
export function searched(text: string): string | null {
  const last = /(?:^|[\s,;])([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?(?:==[\w.]*)?$/.exec(text)?.[1];
  return last ? nameOf(last) : null;
}

function actions(packages: string[], installed: ReadonlyMap<string, string>): PackageRow[] {
  if (packages.length === 0) return [];
  const there = packages.map(nameOf).filter((name) => installed.has(name));
  const description = there.map((name) => `${name} ${installed.get(name)} is there`).join(', ');
  return [
    { label: `$(cloud-download) Install ${listed(packages)}`, description, action: { do: 'install', packages } },
    { label: '$(eye) Preview', description: 'what would change, before anything does', action: { do: 'preview', packages } },
  ];
}

function versions({ text, found, installed }: Typed): PackageRow[] {
  const asked = searched(text);
  if (asked === null || found === undefined) return [];
  if (found === null)
    return [
      {
        label: `$(circle-slash) The index has no package named "${asked}"`,
        detail: 'It is asked for whole names only: type the name to its end.',
        action: null,
      },
    ];
  const before = text.slice(0, text.length - (/[^\s,;]*$/.exec(text)?.[0].length ?? 0));
  const extras = /\[[^\]]*\]/.exec(text.slice(before.length))?.[0] ?? '';
  const current = installed.get(nameOf(found.name));
  return found.versions.slice(0, versionsShown).map((version, index) => ({
    label: `$(package) ${found.name} ${version}`,
    description: [index === 0 ? 'latest' : '', version === current ? 'installed' : ''].filter(Boolean).join(', '),
    ...(index === 0 && found.summary && { detail: found.summary }),
    action: { do: 'type', text: `${before}${found.name}${extras}==${version} ` },
  }));
}

const files: PackageRow[] = [
  { label: '$(list-unordered) From requirements.txt…', action: { do: 'requirements' } },
  { label: '$(file-zip) From Wheel…', action: { do: 'wheel' } },
];

function unreadable(rest: string): PackageRow {
  return {
    label: `$(warning) "${rest}" cannot be read`,
    detail: 'Write names as seaborn, xgboost==2.1, requests[socks] or git+https://…@branch, with spaces between them.',
    action: null,
  };
}

/** `a`, `a and b`, `a, b and c`, `a, b and 3 more`. */
export function listed(things: readonly string[], most = 3): string {
  if (things.length <= 1) return things.join('');
  if (things.length > most) return `${things.slice(0, most - 1).join(', ')} and ${things.length - most + 1} more`;
  return `${things.slice(0, -1).join(', ')} and ${things.at(-1)}`;
}
