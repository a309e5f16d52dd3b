/** Requirements as people type them: several in one line, each in the form of pip. */

const name = /[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?/.source;
const version = /\s*(?:===|==|~=|!=|<=|>=|<|>)\s*[A-Za-z0-9.*+!_-]+/.source;
const source = /(?:git\+https|https):\/\/\S+?(?=[,;]?(?:\s|$))/.source;
const one = new RegExp(
  `(?:${source}|${name}(?:\\[[\\w\\s,.-]*\\])?(?:\\s*@\\s*${source}|${version}(?:\\s*,${version})*)?)(?=$|[\\s,;])`,
  'y',
);
const between = /[\s,;]+/y;

/** The requirements in a line, with spaces taken out of each; `rest` is from where on it cannot be read. */
export function readRequirements(text: string): { requirements: string[]; rest: string } {
  const requirements: string[] = [];
  const line = text.trim().replace(/^(?:[!%]?\s*)?(?:uv )?pip3? install\s+/, '');
  for (let at = 0; at < line.length;) {
    one.lastIndex = at;
    const [found] = one.exec(line) ?? [];
    if (!found) return { requirements, rest: line.slice(at) };
    requirements.push(found.includes('@') ? found.replace(/\s*@\s*(?=\w+\+?\w*:)/, ' @ ') : found.replaceAll(/\s+/g, ''));
    between.lastIndex = one.lastIndex;
    between.exec(line);
    at = Math.max(between.lastIndex, one.lastIndex);
  }
  return { requirements, rest: '' };
}

/** What a requirement asks for, without version and extras: for comparing with what is installed. */
export function nameOf(requirement: string): string {
  return requirement
    .replace(/[\s[@=<>~!;].*$/, '')
    .toLowerCase()
    .replaceAll(/[-_.]+/g, '-');
}
