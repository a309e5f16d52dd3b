/**
 * Replaces secrets by `***` in what a build says, before the gateway writes it anywhere: as they are, line by line, and as base64,
 * hexadecimal digits, URL, JSON, HTML and Python write them. The same holds for the passwords and keys in a secret that is JSON, settings
 * (NAME=VALUE or NAME: VALUE) or a URL. What programs of kernels and jobs say is masked by the agent that writes their logs
 * (images/supervisor, masking.py); both are held to `test/vectors/masking.json`.
 */

/** Characters. Shorter ones would turn ordinary output into asterisks. */
const least = 6;
const mask = '***';

export type Masker = {
  /** Of a line, or of another text that is whole. */
  text(text: string): string;
  has(text: string): boolean;
};

export const noMasker: Masker = { text: (text) => text, has: () => false };

export function createMasker(values: readonly Buffer[]): Masker {
  const forms = [...new Set(values.flatMap(formsOf))].filter((form) => form.length >= least);
  if (forms.length === 0) return noMasker;
  // At one place the longest first. As one regular expression, large secrets would be too large.
  const ordered = forms.toSorted((one, other) => other.length - one.length);
  const byBeginning = Map.groupBy(ordered, (form) => form.slice(0, least));
  const formAt = (text: string, at: number) => byBeginning.get(text.slice(at, at + least))?.find((form) => text.startsWith(form, at));

  return {
    text(text) {
      let masked = '';
      let end = 0;
      for (let at = 0; at <= text.length - least; at += 1) {
        const form = formAt(text, at);
        if (form === undefined) continue;
        // Several without anything between them are one.
        if (at > end || masked === '') masked += text.slice(end, at) + mask;
        end = at + form.length;
        at = end - 1;
      }
      return masked + text.slice(end);
    },
    has: (text) => ordered.some((form) => text.includes(form)),
  };
}

function formsOf(value: Buffer): string[] {
  if (value.length < least) return [];
  const text = value.toString('utf8');
  const secrets = [...new Set([text.trim(), ...partsOf(text)])];
  const whole = [text, ...secrets];
  const lines = whole.flatMap((one) => linesOf(one).map((line) => line.trim()));
  const parts = [...new Set([...whole, ...lines])].filter((part) => part.length >= least);
  const bytes = [value, ...secrets.map((secret) => Buffer.from(secret))].filter((one) => one.length >= least);
  return [...bytes.flatMap(encoded), ...parts.flatMap(written)];
}

const linesOf = (text: string): string[] => text.split(/\r\n|\n|\r/);

/** What a program may take out of a secret and print alone: the passwords and keys in it. */
function partsOf(text: string): string[] {
  const inUrl = [...text.matchAll(/[a-z]:\/\/(?:[^/\s:@]*:([^/\s@]+)|([^/\s:@]{20,}))@/gi)].flatMap(([, password = '', token = '']) => [
    password,
    decoded(password),
    token,
  ]);
  return [...inUrl, ...linesOf(text).flatMap(inSettings), ...inJson(fromJson(text))];
}

/** Of a field of JSON or a setting whose value is secret by itself. */
const secretName = /key|secret|token|pass|pwd|credential|auth(?!or)/i;
/** Of one that is not, even if the name has such a word or stands among secrets. */
const plainName = /(?:ur[il]|endpoint|host|type|name|user|e?mail)s?$/i;
const longestName = 100;
/** Between several settings in one line, as in connection strings and URLs. */
const betweenSettings = /[;&?]|\s(?=[\w.-]+=)/;

/** `within`: it is a field of something whose name says that it is secret. */
function isSecret(name: string, within: boolean): boolean {
  const bare = name.replaceAll(/[\s"']/g, '');
  return !plainName.test(bare) && (within || secretName.test(bare));
}

/** NAME=VALUE or NAME: VALUE, with or without quotes and a comment. */
function inSettings(line: string): string[] {
  return [line, ...line.split(betweenSettings)].flatMap((setting) => {
    const separator = /=|:\s/.exec(setting);
    if (!separator || !isSecret(setting.slice(0, separator.index).slice(-longestName), false)) return [];
    const value = setting.slice(separator.index + separator[0].length);
    return [value, value.split(' #')[0]!].map(bareValue);
  });
}

const bareValue = (value: string): string =>
  value
    .trim()
    .replace(/,$/, '')
    .replaceAll(/^["']+|["']+$/g, '');

function inJson(json: unknown): string[] {
  const found: string[] = [];
  const open = [{ value: json, secret: false }];
  // Not by recursion, for which a secret may be nested too deeply.
  for (let one = open.pop(); one; one = open.pop()) {
    const { value, secret } = one;
    if (Array.isArray(value)) for (const item of value as unknown[]) open.push({ value: item, secret });
    else if (typeof value === 'object' && value !== null)
      for (const [name, field] of Object.entries(value)) open.push({ value: field, secret: isSecret(name, secret) });
    // A text of several lines is a private key or a certificate, whatever its name.
    else if (typeof value === 'string' && (secret || value.trim().includes('\n'))) found.push(value);
    else if (typeof value === 'number' && secret) found.push(String(value));
  }
  return found;
}

/** Undefined: it is no JSON. */
function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** As it is where it is no correct encoding. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function written(part: string): string[] {
  const json = JSON.stringify(part).slice(1, -1);
  const html = part.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return [part, ...inUrls(part), json, inAscii(json), inPython(part), html, html.replaceAll('"', '&quot;').replaceAll("'", '&#x27;')];
}

function inUrls(part: string): string[] {
  // Lone surrogates are in no URL.
  const whole = encodeURIComponent(part.toWellFormed()).replaceAll(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
  const urls = [whole, whole.replaceAll('%2F', '/'), whole.replaceAll('%20', '+'), encodeURIComponent(part.toWellFormed())];
  return urls.flatMap((url) => [url, url.replaceAll(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase())]);
}

const inAscii = (json: string): string =>
  json.replaceAll(/[^\0-\u007F]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);

function inPython(part: string): string {
  const escaped = part.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t');
  return part.includes("'") && part.includes('"') ? escaped.replaceAll("'", "\\'") : escaped;
}

/** As base64 has it: on its own, broken into lines, and within something longer, whose other bytes may shift it. */
function encoded(value: Buffer): string[] {
  const whole = value.toString('base64');
  const broken = [64, 76].flatMap((width) => (whole.length > width ? (whole.match(new RegExp(`.{1,${width}}`, 'g')) ?? []) : []));
  const shifted = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), value])
      .toString('base64')
      .replaceAll('=', '');
    // The characters at both ends hold bits of what stands before and after it.
    return text.slice([0, 2, 3][shift], (shift + value.length) % 3 === 0 ? undefined : -1);
  });
  const hex = value.toString('hex');
  const all = [whole, whole.replaceAll('=', ''), hex, hex.toUpperCase(), ...broken, ...shifted];
  return all.flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]);
}
