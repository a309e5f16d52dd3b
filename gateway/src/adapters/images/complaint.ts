/** From the many lines in which uv says what went wrong to the one that a person wants to read. The lines stay in the log. */

type Complaint = {
  head: string;
  causes: string[];
  /** What stood below the last cause: the rest of its sentence, or what a program printed. */
  below: string[];
  /** uv's own advice. */
  hints: string[];
};

/** uv's explanation, else the last line that says something; undefined: nothing was said. */
export function complaint(said: readonly string[]): string | undefined {
  const lines = said.map(plain);
  const read = readComplaint(lines);
  if (!read) return lastWords(lines);
  for (const explain of [machineFault, unbuilt, unreachable, unresolved, gitFailed]) {
    const text = explain(read);
    if (text !== null) return text;
  }
  return [read.head, ...read.causes].map((text) => text.replace(/[.:]$/, '')).join(': ');
}

/** As a terminal shows it: no colours, no links, nothing that a bar drew over. */
function plain(line: string): string {
  // oxlint-disable no-control-regex -- they are what goes
  const shown = line.replace(/\u001B\][^\u0007\u001B]*(?:\u0007|\u001B\\)|\u001B\[[0-?]*[ -/]*[@-~]|\u001B[ -/]*[0-~]/g, '');
  return (shown.split('\r').findLast((part) => part.trim()) ?? '').replace(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g, '');
  // oxlint-enable no-control-regex
}

function lastWords(lines: readonly string[]): string | undefined {
  return (lines.findLast((line) => isWords(line) && !isAside(line)) ?? lines.findLast(isWords))?.trim();
}

/** A line of where to read on, or that points at a place in the one above. */
function isAside(line: string): boolean {
  return !/[\p{L}\p{N}]/u.test(line) || /^\W*https?:\/\/\S+$|^\W*(for (more|further) |see (also|https?:|the )|note: )/i.test(line.trim());
}

/** Names that people know, of packages that the index does not have, or no longer so that they can be built. */
const replaced: Record<string, string> = {
  'tensorflow-gpu': 'tensorflow',
  opencv: 'opencv-python',
  cv2: 'opencv-python',
  pil: 'pillow',
  yaml: 'pyyaml',
  dotenv: 'python-dotenv',
  skimage: 'scikit-image',
};

function replacedBy(name: string): string | undefined {
  return Object.hasOwn(replaced, name) ? `Did you mean \`${replaced[name]}\`?` : undefined;
}

const isWords = (line: string) => line.trim() !== '' && !/^\s*hint:/.test(line);

/** `error: …`, then `  cause: …` with what belongs to it further to the right; older ones say `Caused by:` or draw `×`, `├─▶` and `╰─▶`. */
function readComplaint(said: readonly string[]): Complaint | null {
  const mark = said.findLastIndex((line) => /^(error:|ERROR:|\s{0,2}×)/.test(line));
  if (mark === -1) return null;
  const read: Complaint = { head: withoutMark(said[mark]!), causes: [], below: [], hints: hintsIn(said.slice(mark)) };
  for (const line of said.slice(mark + 1).filter(isWords)) {
    if (/^\s{0,4}(cause:|Caused by:|├─▶|╰─▶)/.test(line)) {
      read.causes.push(withoutMark(line));
      read.below = [];
    } else read.below.push(line.replace(/^[\s│]+/, '').trimEnd());
  }
  return read;
}

/** Each may go on in the lines below it, further to the right. */
function hintsIn(lines: readonly string[]): string[] {
  const hints: string[] = [];
  let open = false;
  for (const line of lines) {
    const begun = /^\s*hint: (.*)/.exec(line)?.[1];
    if (begun !== undefined) hints.push(begun.trim());
    else if (open && /^\s+\S/.test(line)) hints[hints.length - 1] += ` ${line.trim()}`;
    open = begun !== undefined || (open && /^\s+\S/.test(line));
  }
  return hints;
}

const withoutMark = (line: string) => line.replace(/^\s*(error:|ERROR:|cause:|Caused by:|×|├─▶|╰─▶)\s*/, '').trim();

/** `six @ file:///bine-change/wheels/six-1.0.tar.gz` → `six-1.0.tar.gz` */
const named = (what: string) => (what.includes(' @ file://') ? what.slice(what.lastIndexOf('/') + 1) : what);

/** Whatever was being built, the disk, the memory and the hashes are told as what they are. */
function machineFault({ head, causes, below, hints }: Complaint): string | null {
  const all = [head, ...causes, ...below].join('\n');
  if (/No space left on device|Disk quota exceeded|os error (?:28|122)\b/.test(all))
    return 'The disk is full: there was no room for what was to be installed.';
  if (/Hash mismatch for/.test(all)) {
    const what = /Hash mismatch for `([^`]+)`/.exec(all)?.[1] ?? 'a package';
    return `${named(what)} is not what its hash says: the file that came has another content. Compare the hash with the index's, or leave it out.`;
  }
  const [hint] = hints.filter((text) => /did you mean|is available|pre-release/i.test(text));
  return hint && !head.startsWith('No solution found') && !/^Failed to (?:build|download and build)/.test([head, ...causes].join('\n'))
    ? ended(`${ended(head)} ${hint}`)
    : null;
}

/** What a build lacks, in the order in which one is named for another's want. */
const lacking: [RegExp, (match: RegExpExecArray) => string][] = [
  [
    /pg_config executable not found|pg_config is required/,
    () => "pg_config is missing, which comes with PostgreSQL's development files; psycopg2-binary comes with all of it",
  ],
  [
    /mysql_config.* not found|Can not find valid pkg-config name|MYSQLCLIENT_CFLAGS/,
    () => 'the development files of MySQL are missing; PyMySQL needs none',
  ],
  [/fatal error: Python\.h: No such file/, () => "Python.h is missing, which comes with Python's development files"],
  [
    /fatal error: (\S+?\.(?:h|hpp)): No such file/,
    ([, header]) => `the header ${header} is missing, which comes with the development files of its library`,
  ],
  [
    /(?:can't|can not|cannot) find Rust compiler|Rust toolchain|[`']?(?:cargo|rustc)[`']?,? (?:the Rust|is not installed|not found|could not)|No such file or directory: '(?:cargo|rustc)'/i,
    () => 'it needs Rust (cargo), which environments do not have',
  ],
  [
    /CMake must be installed|CMAKE_\w+_COMPILER(?: not set|-NOTFOUND)|No such file or directory: '?cmake|cmake: (?:command )?not found|Could not find CMake/i,
    () => 'it needs cmake and a compiler, which environments do not have',
  ],
  [
    /nvcc(?: was)? not found|CUDA_HOME environment variable is not set/i,
    () => 'it needs the CUDA toolkit (nvcc), which environments do not have',
  ],
  [
    /(?:gfortran|flang|f95)'?:? (?:No such file|not found)|Unknown compiler\(s\).*gfortran/,
    () => 'it needs a Fortran compiler, which environments do not have',
  ],
  [
    /No such file or directory: '(?:git|pkg-config|swig|make|ninja)'|(?:git|pkg-config|swig|make|ninja): (?:command )?not found/,
    ([all]) => `it needs ${/git|pkg-config|swig|make|ninja/.exec(all)![0]}, which environments do not have`,
  ],
];

const compiler =
  /Broken toolchain|no acceptable C compiler|'?[\w-]*(gcc|g\+\+|clang|cc)'?(:| failed:)? No such file|No such file or directory: '[\w-]*(gcc|g\+\+|clang|cc)'|command '[\w-]*(gcc|g\+\+|clang|cc)' failed/;

function unbuilt({ head, causes, below, hints }: Complaint): string | null {
  const what = [head, ...causes].map((text) => /^Failed to (?:build|download and build) `([^`]+)`/.exec(text)?.[1]).find(Boolean);
  if (!what) return null;
  const [hinted] = hints.flatMap((text) => /did you mean[^.?]*/i.exec(text)?.[0] ?? []);
  const meant = hinted ?? replacedBy(what.split('==')[0]!);
  const all = [...causes, ...below].join('\n');
  const lack = lacking.flatMap(([pattern, say]) => {
    const match = pattern.exec(all);
    return match ? [say(match)] : [];
  })[0];
  if (lack) return `${named(what)} could not be built: ${lack}. Ask for a version that comes as a wheel${meant ? `, or: ${meant}` : ''}.`;
  const why = reasonIn(below) ?? causes.at(-1) ?? '';
  const help = compiler.test(all) ? ' There is no compiler in environments: ask for a version that comes as a wheel.' : '';
  return `${named(what)} could not be built: ${ended(why)}${help}${meant ? ` ${ended(capital(meant))}` : ''}`;
}

/** A package that says itself what to do says it first; else the last exception or error; else the last words. */
function reasonIn(below: readonly string[]): string | undefined {
  const own = below.find(
    (line) =>
      !/\w*Warning: /.test(line) &&
      /\bis deprecated\b|has been (?:renamed|removed|merged)|please (?:run|use|install)|use [`']?[\w-]+[`']? (?:rather|instead)/i.test(
        line,
      ) &&
      !isAside(line),
  );
  const last = below.findLast(
    (line) => /^\s*(?:[\w.]*(?:Error|Exception)\b:? ?\S|error: )/.test(line) && !/failed with exit (?:code|status)/.test(line),
  );
  return (own ?? last)?.trim() ?? lastWords(below);
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function unreachable({ head, causes }: Complaint): string | null {
  const all = [head, ...causes];
  const url = all.map((text) => /error sending request for url \((\S+)\)/.exec(text)?.[1]).find(Boolean);
  const { origin } = (url && URL.parse(url)) || { origin: null };
  return origin === null ? null : `${origin} does not answer: ${ended(causes.at(-1)!)}`;
}

function unresolved({ head, causes, below, hints }: Complaint): string | null {
  if (!head.startsWith('No solution found')) return null;
  const why = [causes.at(-1) ?? '', ...below].join(' ');
  const python = /the current Python version \(([\d.]+)\) does not satisfy Python([<>=!~,.*\d\s]+?)(?: and| we|,| \(|$)/.exec(why);
  if (python) {
    const needs = /Because .*?(?:and )?(\S+?==\S+) depends on Python|Python\S* and (\S+) depends on Python/.exec(why);
    return `${needs?.[1] ?? needs?.[2] ?? 'A package that was asked for'} needs Python ${python[2]!.trim()}, and the environment has ${python[1]}.`;
  }
  const wheels = /Because (\S+ has no (?:wheels|source distribution|usable wheels)[^,(.]*)/.exec(why)?.[1];
  if (wheels)
    return [ended(`${wheels.trim()}, so it cannot be installed here`), ...hints.filter((text) => /wheels/.test(text)).map(ended)].join(' ');
  const unknown = /^Because (\S+) was not found in the package registry/.exec(why)?.[1];
  if (unknown) return `The package index has no "${unknown}". ${replacedBy(unknown) ?? 'Is that its name?'}`;
  const version = /^Because there is no version of (\S+)/.exec(why)?.[1];
  if (version) return `The package index has no ${version}.`;
  const [hint] = hints.filter((text) => /pre-release|did you mean/i.test(text));
  return `Nothing fits all that was asked for. ${why}${hint ? ` ${ended(capital(hint))}` : ''}`;
}

function gitFailed({ head, below }: Complaint): string | null {
  const fatal = below.findLast((line) => line.startsWith('fatal: '));
  return head.startsWith('Git operation failed') && fatal ? `Git could not get it: ${ended(fatal.replace('fatal: ', ''))}` : null;
}

const ended = (text: string) => (/[.!?]$/.test(text) ? text : `${text}.`);
