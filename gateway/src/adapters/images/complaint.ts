/** From the many lines in which uv says what went wrong to the one that a person wants to read. The lines stay in the log. */

type Complaint = {
  head: string;
  causes: string[];
  /** What stood below the last cause: the rest of its sentence, or what a program printed. */
  below: string[];
};

/** uv's explanation, else the last line; undefined: nothing was said. */
export function complaint(said: readonly string[]): string | undefined {
  const read = readComplaint(said);
  if (!read) return said.findLast(isWords)?.trim();
  for (const explain of [unbuilt, unreachable, unresolved, gitFailed]) {
    const text = explain(read);
    if (text !== null) return text;
  }
  return [read.head, ...read.causes].map((text) => text.replace(/[.:]$/, '')).join(': ');
}

const isWords = (line: string) => line.trim() !== '' && !line.startsWith('hint:');

/** `error: …`, then `  cause: …` with what belongs to it further to the right; older ones draw `×`, `├─▶` and `╰─▶`. */
function readComplaint(said: readonly string[]): Complaint | null {
  const mark = said.findLastIndex((line) => /^(error:|ERROR:|\s{0,2}×)/.test(line));
  if (mark === -1) return null;
  const read: Complaint = { head: withoutMark(said[mark]!), causes: [], below: [] };
  for (const line of said.slice(mark + 1).filter(isWords)) {
    if (/^\s{0,4}(cause:|├─▶|╰─▶)/.test(line)) {
      read.causes.push(withoutMark(line));
      read.below = [];
    } else read.below.push(line.replace(/^[\s│]+/, '').trimEnd());
  }
  return read;
}

const withoutMark = (line: string) => line.replace(/^\s*(error:|ERROR:|cause:|×|├─▶|╰─▶)\s*/, '').trim();

/** `six @ file:///bine-change/wheels/six-1.0.tar.gz` → `six-1.0.tar.gz` */
const named = (what: string) => (what.includes(' @ file://') ? what.slice(what.lastIndexOf('/') + 1) : what);

function unbuilt({ head, causes, below }: Complaint): string | null {
  const what = [head, ...causes].map((text) => /^Failed to (?:build|download and build) `([^`]+)`/.exec(text)?.[1]).find(Boolean);
  if (!what) return null;
  const why = below.at(-1) ?? causes.at(-1) ?? '';
  const compiler = /'?[\w-]*(gcc|g\+\+|clang|cc)'?(:| failed:)? No such file|No such file or directory: '[\w-]*(gcc|g\+\+|clang|cc)'/.test(
    why,
  );
  const help = compiler ? ' There is no compiler in environments: ask for a version that comes as a wheel.' : '';
  return `${named(what)} could not be built: ${ended(why)}${help}`;
}

function unreachable({ head, causes }: Complaint): string | null {
  const all = [head, ...causes];
  const url = all.map((text) => /error sending request for url \((\S+)\)/.exec(text)?.[1]).find(Boolean);
  const { origin } = (url && URL.parse(url)) || { origin: null };
  return origin === null ? null : `${origin} does not answer: ${ended(causes.at(-1)!)}`;
}

function unresolved({ head, causes, below }: Complaint): string | null {
  if (!head.startsWith('No solution found')) return null;
  const why = [causes.at(-1) ?? '', ...below].join(' ');
  const unknown = /^Because (\S+) was not found in the package registry/.exec(why)?.[1];
  if (unknown) return `The package index has no "${unknown}". Is that its name?`;
  const version = /^Because there is no version of (\S+)/.exec(why)?.[1];
  if (version) return `The package index has no ${version}.`;
  return `Nothing fits all that was asked for. ${why}`;
}

function gitFailed({ head, below }: Complaint): string | null {
  const fatal = below.findLast((line) => line.startsWith('fatal: '));
  return head.startsWith('Git operation failed') && fatal ? `Git could not get it: ${ended(fatal.replace('fatal: ', ''))}` : null;
}

const ended = (text: string) => (/[.!?]$/.test(text) ? text : `${text}.`);
