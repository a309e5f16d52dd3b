/** The lines that a terminal's cursor can reach: characters in columns, each with its look. */
import { type Pen, changeBetween, plainPen } from './sgr.ts';

export type StreamName = 'stdout' | 'stderr';

/** Who printed it, and in which colours. */
export type Look = { name: StreamName; pen: Pen };

type Run = { look: Look; text: string };
/** One a column. What takes two columns is followed by an empty one; what takes none is with the character before it. */
type Cell = { text: string; look: Look };
/** `cells` is there while the line is edited, and is then what counts. `end`: how it was ended. */
type Line = { runs: Run[]; cells: Cell[] | null; end: Look };

/** Text of one stream. `pen` as it is at its end. */
export type Segment = { name: StreamName; text: string; pen: Pen };

export type Screen = {
  /** Printable characters and tabs. */
  put(text: string, look: Look): void;
  newLine(look: Look): void;
  /** Rows down and columns to the right, or back where they are negative. */
  move(rows: number, columns: number, look: Look): void;
  /** To a column, and a row of the screen, both from 0. */
  moveTo(place: { row?: number; column?: number }, look: Look): void;
  /** `before`: up to the cursor; `after`: from it on. */
  eraseLine(part: 'before' | 'after' | 'all'): void;
  erase(part: 'before' | 'after' | 'all'): void;
  /** Characters at the cursor: taken out, blanked, or blanks put in. */
  edit(how: 'delete' | 'blank' | 'insert', count: number, look: Look): void;
  save(): void;
  restore(): void;
  readonly atLineStart: boolean;
  /** Takes away the lines that the cursor has left behind for good. `pen`: as it was left by what was taken before. */
  takeSettled(pen: Pen): Segment[];
  /** What is left. `penOf`: what the next character of a stream will have. */
  segments(pen: Pen, penOf: (name: StreamName) => Pen): Segment[];
};

/** How many lines up the cursor can go. */
const reach = 100;
const tab = 8;
/** Columns from which on a movement ends: no program's line is that wide. */
const widest = 10_000;

const zero = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const wide =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{17000}-\u{18cff}\u{1b000}-\u{1b2ff}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}\p{Emoji_Presentation}]$/u;

function widthOf(character: string, column: number): number {
  if (character === '\t') return tab - (column % tab);
  if (character < '\u0300' || (character >= '\u2500' && character <= '\u25a0')) return 1;
  if (zero.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}

function addCells(cells: Cell[], { look, text }: Run): void {
  for (const character of text) {
    const width = widthOf(character, cells.length);
    const last = width === 0 ? cells.findLast(({ text }) => text !== '') : undefined;
    if (last) last.text += character;
    else cells.push({ text: character, look });
    for (let more = 1; more < width; more++) cells.push({ text: '', look });
  }
}

function cellsOf(line: Line): Cell[] {
  if (line.cells) return line.cells;
  line.cells = [];
  for (const run of line.runs) addCells(line.cells, run);
  return line.cells;
}

function runsOf(line: Line): Run[] {
  if (!line.cells) return line.runs;
  const runs: Run[] = [];
  for (const { text, look } of line.cells) {
    const last = runs.at(-1);
    if (last?.look === look) last.text += text;
    else runs.push({ look, text });
  }
  return runs;
}

/** What is cut in the middle is blank on both sides. */
function cut(cells: Cell[], column: number): void {
  if (cells[column]?.text !== '') return;
  let [first, end] = [column, column];
  while (first > 0 && cells[first]!.text === '') first--;
  while (cells[end]?.text === '') end++;
  for (let at = first; at < end; at++) cells[at] = { text: ' ', look: cells[at]!.look };
}

/** `pen`: how the text before these lines ends. */
function segmentsOf(lines: readonly Line[], pen: Pen): Segment[] {
  const segments: Segment[] = [];
  const add = ({ name, pen: to }: Look, text: string) => {
    let last = segments.at(-1);
    if (last?.name !== name) segments.push((last = { name, text: '', pen: last ? plainPen : pen }));
    last.text += changeBetween(last.pen, to) + text;
    last.pen = to;
  };
  for (const [index, line] of lines.entries()) {
    if (index > 0) add(lines[index - 1]!.end, '\n');
    for (const { look, text } of runsOf(line)) add(look, text);
  }
  return segments;
}

export function createScreen(): Screen {
  const newRow = (): Line => ({ runs: [], cells: null, end: { name: 'stdout', pen: plainPen } });
  let lines = [newRow()];
  let row = 0;
  /** null: at the end of the line, where nearly everything is written. */
  let column: number | null = null;
  let saved = { row: 0, column: 0 as number | null };

  const line = () => lines[row]!;
  const place = () => column ?? cellsOf(line()).length;
  const top = () => Math.max(0, lines.length - reach);

  function goTo(toRow: number, newColumn: number, look: Look): void {
    while (lines.length <= toRow) {
      lines.at(-1)!.end = look;
      lines.push(newRow());
    }
    row = toRow;
    const to = Math.max(0, Math.min(newColumn, widest));
    column = to === cellsOf(line()).length ? null : to;
  }

  function append(text: string, look: Look): void {
    const current = line();
    if (current.cells) Object.assign(current, { runs: runsOf(current), cells: null });
    const last = current.runs.at(-1);
    if (last?.look === look) last.text += text;
    else current.runs.push({ look, text });
  }

  function pad(cells: Cell[], to: number, look: Look): void {
    while (cells.length < to) cells.push({ text: ' ', look });
  }

  function overwrite(text: string, look: Look): void {
    const cells = cellsOf(line());
    const at = place();
    pad(cells, at, look);
    const fresh: Cell[] = [];
    addCells(fresh, { look, text });
    cut(cells, at);
    cut(cells, at + fresh.length);
    cells.splice(at, fresh.length, ...fresh);
    column = at + fresh.length >= cells.length ? null : at + fresh.length;
  }

  function putTab(look: Look): void {
    const cells = cellsOf(line());
    const to = place() + tab - (place() % tab);
    pad(cells, to, look);
    column = to === cells.length ? null : to;
  }

  function eraseLine(part: 'before' | 'after' | 'all'): void {
    const [cells, at] = [cellsOf(line()), place()];
    if (part === 'before') for (let i = 0; i <= Math.min(at, cells.length - 1); i++) cells[i] = { text: ' ', look: cells[i]!.look };
    else if (part === 'all') cells.length = 0;
    else if (at < cells.length) {
      cut(cells, at);
      cells.length = at;
    }
    column = at === cells.length ? null : at;
  }

  return {
    put(text, look) {
      if (column === null) return append(text, look);
      for (const piece of text.split(/(\t)/)) {
        if (piece === '') continue;
        if (column === null) append(piece, look);
        else if (piece === '\t') putTab(look);
        else overwrite(piece, look);
      }
    },
    newLine(look) {
      const current = line();
      if (column !== null && current.cells) {
        // A line that one stream has blanked belongs to the one that ends it.
        const rest = current.cells.slice(column);
        if (rest.every(({ text, look: cell }) => text === ' ' && cell.name !== look.name))
          current.cells.length = Math.min(column, current.cells.length);
      }
      if (row < lines.length - 1) {
        row++;
        column = runsOf(line()).length === 0 ? null : 0;
        return;
      }
      current.end = look;
      if (current.cells) Object.assign(current, { runs: runsOf(current), cells: null });
      lines.push(newRow());
      row++;
      column = null;
    },
    move(rows, columns, look) {
      const to = Math.max(top(), row + Math.max(-reach, Math.min(rows, reach)));
      goTo(row < top() ? Math.max(0, row + rows) : to, rows === 0 || columns !== 0 ? place() + columns : place(), look);
    },
    moveTo({ row: toRow, column: toColumn }, look) {
      const to = toRow === undefined ? row : top() + Math.min(toRow, reach - 1);
      goTo(to, toColumn ?? place(), look);
    },
    eraseLine,
    erase(part) {
      eraseLine(part);
      const at = place();
      if (part !== 'before') lines = lines.slice(0, row + 1);
      if (part !== 'after') for (let above = top(); above < row; above++) lines[above] = { ...newRow(), end: lines[above]!.end };
      column = at === cellsOf(line()).length ? null : at;
    },
    edit(how, count, look) {
      const [cells, at] = [cellsOf(line()), place()];
      if (at >= cells.length) return;
      const much = Math.min(count, widest);
      cut(cells, at);
      cut(cells, at + much);
      const blanks = Array.from({ length: how === 'insert' ? much : Math.min(much, cells.length - at) }, () => ({ text: ' ', look }));
      if (how === 'delete') cells.splice(at, much);
      else cells.splice(at, how === 'blank' ? much : 0, ...blanks);
      column = at === cells.length ? null : at;
    },
    save: () => (saved = { row, column: place() }),
    restore: () => goTo(Math.max(0, saved.row), saved.column ?? 0, line().end),
    get atLineStart() {
      return row === lines.length - 1 && runsOf(line()).length === 0;
    },
    takeSettled(pen) {
      if (lines.length <= 2 * reach) return [];
      const count = Math.min(lines.length - reach, row);
      const settled = lines.slice(0, count);
      lines = lines.slice(count);
      row -= count;
      saved.row -= count;
      return segmentsOf([...settled, newRow()], pen);
    },
    segments(pen, penOf) {
      const segments = segmentsOf(lines, pen);
      const last = segments.at(-1);
      // What is added later begins as the stream is now; somebody else's text must not begin in these colours.
      if (last) last.text += changeBetween(last.pen, penOf(last.name));
      return segments;
    },
  };
}
