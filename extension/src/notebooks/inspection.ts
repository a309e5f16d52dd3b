/** Reads what IPython says of an object: fields under headings, in the colours of a terminal. */
export type Inspection = {
  /** As in `f(a, b=1) -> int`; null: it cannot be called, or nobody knows how. */
  signature: string | null;
  /** The texts of the source that describe it; empty where there are none. */
  documentation: string;
  /** What else is known of a value: its type, how it is printed, its length. */
  facts: string;
};

const colours = new RegExp(String.raw`${'\u001b'}\[[0-9;]*m`, 'g');
const heading =
  /^(Signature|Init signature|Call signature|Docstring|Class docstring|Init docstring|Call docstring|Type|String form|Length|File|Base Class|Namespace|Subclasses|Source|Repr):[ \t]*/;

export function readInspection(text: string): Inspection {
  const fields = fieldsOf(text.replaceAll(colours, ''));
  const of = (...names: string[]) => names.map((name) => fields.get(name)).filter((value) => value && value !== '<no docstring>');
  const facts = ['Type', 'String form', 'Length'].flatMap((name) => (fields.has(name) ? [`${name}: ${fields.get(name)}`] : []));
  return {
    signature: of('Signature', 'Init signature', 'Call signature')[0] ?? null,
    documentation: of('Docstring', 'Class docstring', 'Init docstring', 'Call docstring').join('\n\n'),
    facts: facts.join('\n'),
  };
}

/** Heading → text; a heading that comes again, as in a docstring, is text. */
function fieldsOf(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  let name = '';
  for (const line of text.split('\n')) {
    const found = heading.exec(line);
    if (found && !fields.has(found[1]!)) {
      name = found[1]!;
      fields.set(name, line.slice(found[0].length));
    } else {
      fields.set(name, `${fields.get(name) ?? ''}\n${line}`);
    }
  }
  return new Map([...fields].map(([key, value]) => [key, value.trim()]));
}

/** The parameters of a signature, as [from, to) in it: `a`, `b=(1, 2)`, `*`. */
export function parametersOf(signature: string): [from: number, to: number][] {
  const found: [number, number][] = [];
  const open = signature.indexOf('(');
  if (open < 0) return found;
  let from = open + 1;
  const add = (to: number) => {
    const part = signature.slice(from, to);
    if (part.trim() !== '') found.push([from + part.length - part.trimStart().length, from + part.trimEnd().length]);
    from = to + 1;
  };
  for (const { at, character, depth } of outsideStrings(signature, open)) {
    if (character === ',' && depth === 1) add(at);
    if (character === ')' && depth === 0) {
      add(at);
      break;
    }
  }
  return found;
}

export type Call = {
  /** Of its opening parenthesis. */
  at: number;
  /** Arguments before the one that is typed. */
  before: number;
  /** The name, where it is given by name. */
  name: string | null;
};

/** The call whose arguments the code ends in; null: it ends in none. */
export function openCall(code: string): Call | null {
  const open: { at: number; commas: number; last: number; call: boolean }[] = [];
  for (const { at, character } of outsideStrings(code, 0)) {
    if ('([{'.includes(character)) open.push({ at, commas: 0, last: at, call: character === '(' && /[\w\])]\s*$/.test(code.slice(0, at)) });
    else if (')]}'.includes(character)) open.pop();
    else if (character === ',' && open.length > 0) Object.assign(open.at(-1)!, { commas: open.at(-1)!.commas + 1, last: at });
  }
  const call = open.findLast((each) => each.call);
  if (!call) return null;
  const name = /^\s*(\w+)\s*=(?!=)/.exec(code.slice(call.last + 1))?.[1] ?? null;
  return { at: call.at, before: call.commas, name };
}

/** Which of the parameters the argument is for. */
export function activeParameter(signature: string, parameters: readonly [number, number][], { before, name }: Call): number {
  const names = parameters.map(([from, to]) => /^\**(\w*)/.exec(signature.slice(from, to))?.[1] ?? '');
  if (name !== null) return names.includes(name) ? names.indexOf(name) : names.length - 1;
  return before;
}

/** Characters of Python code that are in no string and no comment, with how many brackets are open after each. */
function* outsideStrings(code: string, from: number): Iterable<{ at: number; character: string; depth: number }> {
  const token = /("""|'''|"|')|#[^\n]*|([()[\]{},])/g;
  token.lastIndex = from;
  let depth = 0;
  for (let found = token.exec(code); found; found = token.exec(code)) {
    const [, quote, character] = found;
    if (quote) {
      const end = endOfString(code, token.lastIndex, quote);
      token.lastIndex = end;
    } else if (character) {
      if ('([{'.includes(character)) depth++;
      else if (character !== ',') depth--;
      yield { at: found.index, character, depth };
    }
  }
}

function endOfString(code: string, from: number, quote: string): number {
  for (let at = from; at < code.length; at++) {
    if (code[at] === '\\') at++;
    else if (code.startsWith(quote, at)) return at + quote.length;
    else if (code[at] === '\n' && quote.length === 1) return at;
  }
  return code.length;
}
