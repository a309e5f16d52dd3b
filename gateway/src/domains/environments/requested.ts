/** What somebody asks to be installed and uninstalled, checked before anything is begun. */
import { Problem } from '@bine/shared/problems';

export type Requested = {
  install: string[];
  requirements?: string | undefined;
  /** Paths in the project. */
  wheels: string[];
  uninstall: string[];
  /** Names of what builds are given. */
  secrets?: string[] | undefined;
};

const name = /^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/i;
/** As pip and uv write it, also without a blank or an equals sign. */
const otherFile = /^(-r|-c|--(requirements?|constraints?)\b)/;
const wheel = /\.(whl|tar\.gz|zip)$/;

/** Each thing to install as one line. @throws Problem `invalid` */
export function readRequested({ install, requirements, wheels, uninstall }: Requested): string[] {
  for (const [index, requirement] of install.entries()) check(requirement, `install.${index}`);
  const lines = requirementLines(requirements ?? '');
  for (const { text, number } of lines) check(text.replaceAll(/\s+--hash=\S+/g, ''), 'requirements', `line ${number}: `);
  for (const [index, path] of wheels.entries()) {
    if (!wheel.test(path)) refuse(`wheels.${index}`, `"${path}" is no package: name a .whl, .tar.gz or .zip file of the project`);
  }
  const files = wheels.map((path) => path.slice(path.lastIndexOf('/') + 1));
  for (const [index, file] of files.entries()) {
    if (files.indexOf(file) !== index) refuse(`wheels.${index}`, `two of them are named "${file}"; name one of them`);
  }
  for (const [index, one] of uninstall.entries()) {
    if (!name.test(one)) refuse(`uninstall.${index}`, `"${one}" is no package's name`);
  }
  const all = [...install, ...lines.map(({ text }) => text), ...wheels];
  if (all.length + uninstall.length === 0) refuse('install', 'name at least one package to install or uninstall');
  return all;
}

/** Without comments, with continued lines as one. */
function requirementLines(text: string): { text: string; number: number }[] {
  const lines: { text: string; number: number }[] = [];
  let open = null as { text: string; number: number } | null;
  for (const [index, raw] of text.split(/\r\n|\n|\r/).entries()) {
    const continued = raw.endsWith('\\');
    const part = raw.replace(/(^|\s)#.*$/, '').replace(/\\$/, '');
    open = { text: `${open?.text ?? ''}${part}`, number: open?.number ?? index + 1 };
    if (continued) continue;
    if (open.text.trim() !== '') lines.push({ ...open, text: open.text.trim() });
    open = null;
  }
  if (open && open.text.trim() !== '') lines.push({ ...open, text: open.text.trim() });
  return lines;
}

function check(requirement: string, field: string, where = ''): void {
  const quoted = `${where}"${requirement}"`;
  // eslint-disable-next-line no-control-regex -- what must not be in it
  if (/[\u0000-\u001f]/.test(requirement)) refuse(field, `${quoted} has a control character in it`);
  if (otherFile.test(requirement))
    refuse(field, `${quoted} names another file, which is not read: put the lines of that file in its place`);
  if (requirement.startsWith('-')) refuse(field, `${quoted} is an option: name packages only, without options or other files`);
  const url = /^(?:[\w.-]+\s*(?:\[[^\]]*\])?\s*@\s*)?([a-z+]+:.*)$/i.exec(requirement)?.[1];
  if (url !== undefined) return checkUrl(url, field, quoted);
  if (/^[a-z0-9]/i.test(requirement) && !/[/\\]/.test(requirement.split(';')[0]!)) return;
  refuse(field, `${quoted} is a path: files of the project are named as wheels`);
}

function checkUrl(text: string, field: string, quoted: string): void {
  if (!/^(git\+)?https:\/\//i.test(text)) refuse(field, `${quoted} must be a URL that begins with https:// or git+https://`);
  const url = URL.parse(text.replace(/^git\+/i, ''));
  if (!url) refuse(field, `${quoted} is no URL that can be read`);
  if (url.username !== '' || url.password !== '') {
    // Not the URL itself: problems are logged.
    refuse(field, 'the URL holds a user or a password, which everybody could read in the environment later; name it without');
  }
}

function refuse(field: string, problem: string): never {
  throw new Problem('invalid', `${field}: ${problem}`, { fields: [{ field, problem }] });
}
