/**
 * What the two streams of a cell print, as a terminal would show it. Control sequences are carried out or dropped, but for the
 * colours, which stay in the text. Both streams write on one screen; each keeps its own colours, and may be cut anywhere
 * between two messages, in the middle of a sequence or of a character.
 * Source: ECMA-48, and https://invisible-island.net/xterm/ctlseqs/ctlseqs.html
 */
import { controlTokens, longestSequence } from '../control-sequences.ts';
import { type Look, type Screen, type Segment, type StreamName, createScreen } from './screen.ts';
import { type Pen, changePen, plainPen } from './sgr.ts';

export type Terminal = {
  write(name: StreamName, text: string): void;
  readonly atLineStart: boolean;
  /** As {@link Screen.takeSettled}. */
  takeSettled(pen: Pen): Segment[];
  segments(pen: Pen): Segment[];
};

type Stream = {
  look: Look;
  /** A sequence or half of a character whose rest has not come yet. */
  rest: string;
};

type Order = { screen: Screen; stream: Stream; numbers: number[]; parameters: string };

/** A count of 0 or none is 1. */
const count = ({ numbers }: Order) => Math.max(1, numbers[0] ?? 1);
const part = ({ numbers }: Order) => (['after', 'before', 'all'] as const)[numbers[0] ?? 0];

function moveBy(rows: number, columns: number) {
  return (order: Order) => order.screen.move(rows * count(order), columns * count(order), order.stream.look);
}

function moveTo(order: Order): void {
  const [row, column] = order.numbers;
  order.screen.moveTo({ row: Math.max(1, row ?? 1) - 1, column: Math.max(1, column ?? 1) - 1 }, order.stream.look);
}

function moveToColumn(order: Order): void {
  order.screen.moveTo({ column: count(order) - 1 }, order.stream.look);
}

function moveLines(direction: number) {
  return (order: Order) => {
    order.screen.move(direction * count(order), 0, order.stream.look);
    order.screen.moveTo({ column: 0 }, order.stream.look);
  };
}

const controlSequences: Record<string, (order: Order) => void> = {
  A: moveBy(-1, 0),
  B: moveBy(1, 0),
  C: moveBy(0, 1),
  D: moveBy(0, -1),
  E: moveLines(1),
  F: moveLines(-1),
  G: moveToColumn,
  '`': moveToColumn,
  a: moveBy(0, 1),
  d: (order) => order.screen.moveTo({ row: count(order) - 1 }, order.stream.look),
  e: moveBy(1, 0),
  H: moveTo,
  f: moveTo,
  J(order) {
    const what = part(order);
    if (what) order.screen.erase(what);
  },
  K(order) {
    const what = part(order);
    if (what) order.screen.eraseLine(what);
  },
  P: (order) => order.screen.edit('delete', count(order), order.stream.look),
  X: (order) => order.screen.edit('blank', count(order), order.stream.look),
  '@': (order) => order.screen.edit('insert', count(order), order.stream.look),
  m({ stream, parameters }) {
    stream.look = { ...stream.look, pen: changePen(stream.look.pen, parameters) };
  },
  s: ({ screen }) => screen.save(),
  u: ({ screen }) => screen.restore(),
};

const singles: Record<string, (screen: Screen, stream: Stream) => void> = {
  '7': (screen) => screen.save(),
  '8': (screen) => screen.restore(),
  D: (screen, { look }) => screen.move(1, 0, look),
  E: (screen, { look }) => screen.newLine(look),
  M: (screen, { look }) => screen.move(-1, 0, look),
  c(screen, stream) {
    stream.look = { ...stream.look, pen: plainPen };
    screen.erase('all');
    screen.moveTo({ row: 0, column: 0 }, stream.look);
  },
};

const controls: Record<string, (screen: Screen, look: Look) => void> = {
  '\n': (screen, look) => screen.newLine(look),
  '\r': (screen, look) => screen.moveTo({ column: 0 }, look),
  '\b': (screen, look) => screen.move(0, -1, look),
  '\v': (screen, look) => screen.move(1, 0, look),
  '\f': (screen, look) => screen.move(1, 0, look),
};

function obey(screen: Screen, stream: Stream, groups: Partial<Record<string, string>>): void {
  const { text, parameters = '', verb, single, control } = groups;
  if (text !== undefined) screen.put(text, stream.look);
  else if (control !== undefined) controls[control]?.(screen, stream.look);
  else if (single !== undefined) singles[single]?.(screen, stream);
  else if (verb !== undefined && (verb === 'm' ? !/^[<-?]/.test(parameters) : /^[\d;]*$/.test(parameters))) {
    // What begins with `?` and the like is private to some terminal.
    const numbers = parameters === '' ? [] : parameters.split(';').map(Number);
    controlSequences[verb]?.({ screen, stream, numbers, parameters });
  }
}

export function createTerminal(): Terminal {
  const screen = createScreen();
  const streams = Object.fromEntries(
    (['stdout', 'stderr'] as const).map((name) => [name, { look: { name, pen: plainPen }, rest: '' }]),
  ) as Record<StreamName, Stream>;

  function write(name: StreamName, chunk: string): void {
    const stream = streams[name];
    let text = stream.rest + chunk;
    stream.rest = /[\ud800-\udbff]$/.exec(text)?.[0] ?? '';
    text = text.slice(0, text.length - stream.rest.length).toWellFormed();
    for (const { groups = {} } of text.matchAll(controlTokens)) {
      const { cut } = groups;
      if (cut === undefined) obey(screen, stream, groups);
      else if (cut.length <= longestSequence) stream.rest = cut + stream.rest;
      else write(name, cut.slice(1));
    }
  }

  return {
    write,
    get atLineStart() {
      return screen.atLineStart;
    },
    takeSettled: (pen) => screen.takeSettled(pen),
    segments: (pen) => screen.segments(pen, (name) => streams[name].look.pen),
  };
}
