/** What a person sees: results on stdout, talk on stderr, colours only where they are wanted. */
import { styleText } from 'node:util';
import { terminalText } from '@bine/client/terminal-text';
import stringWidth from 'string-width';

/** The streams and surroundings of one command, so that tests can bring their own. */
export type Host = {
  env: Record<string, string | undefined>;
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
  /** Aborted by Ctrl+C. */
  signal: AbortSignal;
};

type Style = Parameters<typeof styleText>[0];

export type Terminal = {
  /** A result: a line on stdout. */
  print(text: string): void;
  printJson(value: unknown): void;
  /** Rows under their headings, columns aligned; a hint instead when there are none. */
  printTable(headings: readonly string[], rows: readonly (readonly string[])[], empty: string): void;
  /** Talk: a line on stderr. */
  say(text: string): void;
  /** Replaces the last line of talk; only where `live`. */
  redraw(text: string): void;
  live: boolean;
  style(style: Style, text: string): string;
};

export function createTerminal({ env, stdout, stderr }: Host): Terminal {
  const live = stderr.isTTY && env.TERM !== 'dumb';
  const coloured = !env.NO_COLOR && (Boolean(env.FORCE_COLOR) || (live && stdout.isTTY));
  const style = (format: Style, text: string) => (coloured ? styleText(format, text, { validateStream: false }) : text);
  const print = (text: string) => void stdout.write(`${terminalText(text)}\n`);
  const say = (text: string) => void stderr.write(`${terminalText(text)}\n`);

  return {
    print,
    printJson: (value) => print(jsonText(value, stdout.isTTY ? 2 : undefined)),
    printTable(headings, cells, empty) {
      const rows = cells.map((row) => row.map(lineText));
      if (rows.length === 0) {
        say(empty);
        return;
      }
      const widths = headings.map((_, column) => Math.max(...[headings, ...rows].map((row) => stringWidth(row[column] ?? ''))));
      const line = (row: readonly string[]) =>
        row
          .map((cell, column) => padEnd(cell, widths[column]!))
          .join('  ')
          .trimEnd();
      print(style('dim', line(headings.map((heading) => heading.toUpperCase()))));
      for (const row of rows) print(line(row));
    },
    say,
    redraw: (text) => void stderr.write(`\r\u001B[2K${terminalText(text).slice(0, Math.max((stderr.columns || 80) - 1, 20))}`),
    live,
    style,
  };
}

/** Controls, formats such as the direction of writing, and line separators; not the joiners, which scripts and emoji need. */
const invisible = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf}/gu;

/** A name that others chose, such as a file's, in one line, with invisible characters as JSON escapes them. */
export const nameText = (name: string) => name.replaceAll(invisible, escaped);

/** As `nameText`, but colours stay. */
export const lineText = (line: string) => line.replaceAll(invisible, (one) => (one === '\u001b' ? one : escaped(one)));

function escaped(character: string): string {
  const json = JSON.stringify(character).slice(1, -1);
  if (json !== character) return json;
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}

/** `padEnd` by what a terminal shows: letters of two columns count twice, colours not at all. */
export const padEnd = (text: string, width: number) => text + ' '.repeat(Math.max(0, width - stringWidth(text)));

/** JSON leaves the control characters of 8 bits as they are, which a terminal obeys. */
export const jsonText = (value: unknown, indent?: number) =>
  JSON.stringify(value, null, indent).replaceAll(/[\u007f-\u009f]/g, (control) => `\\u00${control.charCodeAt(0).toString(16)}`);

/** `450 ms`, `3.2 s`, `48 s`, `2 min 5 s`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** `just now`, `3 min ago`, `2 d ago`. */
export function formatAge(time: string, now = Date.now()): string {
  const minutes = Math.floor((now - Date.parse(time)) / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ago`;
  return `${Math.floor(minutes / 1440)} d ago`;
}

/** `512 B`, `3.4 MiB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length - 1);
  return `${power === 0 ? bytes : (bytes / 1024 ** power).toFixed(1)} ${units[power]}`;
}
