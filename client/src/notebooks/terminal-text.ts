/**
 * What a program printed, as a terminal would show it: `\r` writes over the line, `\b` takes a character back, and the cursor
 * moves up and down as nested progress bars want it. Colours stay as they are. VS Code knows only some of this, and only at
 * the beginning of what is appended, so the text is settled here, and VS Code gets either more of it or all of it again.
 */

export type TerminalText = {
  write(chunk: string): void;
  /** Characters so far. */
  readonly length: number;
  /** What to show since the last call: this goes behind what is shown; null when that changed, then show `whole()` instead. */
  take(): string | null;
  whole(): string;
  /** Whether the next character begins a line. */
  readonly atLineStart: boolean;
};

type Screen = {
  /** The text above `lines`. */
  settled: string;
  /** The lines that the cursor can reach, and some more. */
  lines: string[];
  /** Where the cursor is. `column` null: at the end of the line, where nearly everything is written. */
  row: number;
  column: number | null;
  /** What was shown is still the beginning of the text, up to this many characters; null: it is not. */
  shown: number | null;
};

/** How many lines up the cursor can go. */
const reach = 100;

const esc = '\u001b';
// Cursor up and down, erase in line. Other sequences, colours above all, stay in the text.
const order = String.raw`${esc}\[(\d*)([ABK])`;
const special = new RegExp(String.raw`[\r\b]|${order}`);
const pieces = new RegExp(String.raw`\r+\n|[\n\r\b]|${order}|(?:[^\r\n\b${esc}]+|${esc}(?!\[\d*[ABK]))+`, 'g');
const sequence = new RegExp(String.raw`${esc}\[[0-9;:?]*[A-Za-z]`, 'y');

/** A line as one string for each column; what has no width goes with the column behind it. */
function columnsOf(line: string): string[] {
  const found: string[] = [];
  let pending = '';
  for (let at = 0; at < line.length;) {
    sequence.lastIndex = at;
    const colour = sequence.exec(line)?.[0];
    const taken = colour ?? String.fromCodePoint(line.codePointAt(at)!);
    at += taken.length;
    pending += taken;
    if (colour) continue;
    found.push(pending);
    pending = '';
  }
  if (pending) found.push(pending);
  return found;
}

function put(screen: Screen, text: string): void {
  const { lines, row, column } = screen;
  const [before, last] = [lines[row]!, row === lines.length - 1];
  if (column === null) {
    lines[row] = before + text;
    if (!last) screen.shown = null;
    return;
  }
  const [line, more] = [columnsOf(before), columnsOf(text)];
  line.splice(column, more.length, ...more);
  screen.column = column + more.length >= line.length ? null : column + more.length;
  lines[row] = line.join('');
  if (!last || !lines[row].startsWith(before)) screen.shown = null;
}

function settle(screen: Screen): void {
  const { lines } = screen;
  if (lines.length > 2 * reach) screen.settled += `${lines.splice(0, lines.length - reach).join('\n')}\n`;
  screen.row = lines.length - 1;
}

function newLine(screen: Screen): void {
  if (screen.row < screen.lines.length - 1) {
    screen.row++;
    screen.column = 0;
    return;
  }
  screen.column = null;
  screen.lines.push('');
  settle(screen);
}

function backspace(screen: Screen): void {
  const line = columnsOf(screen.lines[screen.row]!);
  const at = screen.column ?? line.length;
  if (at === 0) return;
  line.splice(at - 1, 1);
  screen.lines[screen.row] = line.join('');
  screen.column = at - 1 >= line.length ? null : at - 1;
  screen.shown = null;
}

function move(screen: Screen, by: number): void {
  const at = screen.column ?? columnsOf(screen.lines[screen.row]!).length;
  screen.row = Math.max(0, screen.row + by);
  while (screen.row > screen.lines.length - 1) screen.lines.push('');
  screen.column = at >= columnsOf(screen.lines[screen.row]!).length ? null : at;
}

/** To the end of the line, or all of it. */
function erase(screen: Screen, all: boolean): void {
  if (!all && screen.column === null) return;
  const line = columnsOf(screen.lines[screen.row]!);
  screen.lines[screen.row] = all ? '' : line.slice(0, screen.column ?? line.length).join('');
  screen.column = null;
  screen.shown = null;
}

function writePiece(screen: Screen, [piece, count, verb]: RegExpMatchArray): void {
  if (verb === 'K') erase(screen, Number(count || 0) > 0);
  else if (verb) move(screen, (verb === 'A' ? -1 : 1) * Math.min(Number(count || 1), reach));
  else if (piece.endsWith('\n')) newLine(screen);
  else if (piece === '\r') screen.column = screen.lines[screen.row] === '' ? null : 0;
  else if (piece === '\b') backspace(screen);
  else put(screen, piece);
}

/** Nothing but characters and line ends, at the end of the text: many megabytes come this way. */
function append(screen: Screen, chunk: string): void {
  const [first, ...rest] = chunk.split('\n');
  screen.lines[screen.row] += first!;
  for (const line of rest) screen.lines.push(line);
  settle(screen);
}

export function createTerminalText(): TerminalText {
  const screen: Screen = { settled: '', lines: [''], row: 0, column: null, shown: 0 };
  const length = () => screen.lines.reduce((sum, line) => sum + line.length + 1, screen.settled.length - 1);
  const whole = () => screen.settled + screen.lines.join('\n');
  return {
    write(chunk) {
      if (screen.column === null && screen.row === screen.lines.length - 1 && !special.test(chunk)) append(screen, chunk);
      else for (const piece of chunk.matchAll(pieces)) writePiece(screen, piece);
    },
    get length() {
      return length();
    },
    take() {
      const { shown, settled, lines } = screen;
      screen.shown = length();
      if (shown === null) return null;
      // The end of the text is nearly always enough: joining all of it for each line printed would be quadratic.
      return shown >= settled.length ? lines.join('\n').slice(shown - settled.length) : whole().slice(shown);
    },
    whole,
    get atLineStart() {
      return screen.row === screen.lines.length - 1 && screen.lines.at(-1) === '';
    },
  };
}
