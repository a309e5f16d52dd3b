/**
 * Replaces secrets by `***` in what a build says, before the gateway writes it anywhere: as they are, line by line, and as base64,
 * hexadecimal digits, URL, JSON, HTML and Python write them, and so the passwords and keys in a secret that is JSON, lines of NAME=VALUE or a
 * URL. What programs of kernels and jobs say is masked by the agent that writes their logs.
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
  // At one place the longest first.
  const ordered = forms.toSorted((one, other) => other.length - one.length);
  const pattern = new RegExp(`(?:${ordered.map(escaped).join('|')})+`, 'g');
  return { text: (text) => text.replace(pattern, mask), has: (text) => ordered.some((form) => text.includes(form)) };
}

const escaped = (form: string): string => form.replaceAll(/[$()*+./?[\\\]^{|}-]/g, '\\$&');

function formsOf(value: Buffer): string[] {
  if (value.length < least) return [];
  const text = value.toString('utf8');
  const whole = [text, text.trim(), ...partsOf(text)];
  const lines = whole.flatMap((one) => linesOf(one).map((line) => line.trim()));
  const parts = [...new Set([...whole, ...lines])].filter((part) => part.length >= least);
  return [...encoded(value), ...encoded(Buffer.from(text.trim())), ...parts.flatMap(written)];
}

const linesOf = (text: string): string[] => text.split(/\r\n|\n|\r/);

/** What a program takes out of a secret and may show alone. */
function partsOf(text: string): string[] {
  const passwords = [...text.matchAll(/[a-z]:\/\/[^/\s:@]*:(?<password>[^/\s@]+)@/gi)].flatMap(({ groups }) => [
    groups!['password']!,
    decoded(groups!['password']!),
  ]);
  const variables = linesOf(text).flatMap((line) => {
    const found = /^(?:export )?(?<name>[A-Za-z_]\w*)=(?<quote>["']?)(?<value>.+)\k<quote>$/.exec(line.trim())?.groups;
    return found && telling.test(found['name']!) ? [found['value']!] : [];
  });
  return [...passwords, ...variables, ...told(fromJson(text), false)];
}

/** Of a field of JSON or a variable, whose value is secret by itself. */
const telling = /key|secret|token|passw|credential/i;

function told(value: unknown, isTold: boolean): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => told(one, isTold));
  if (typeof value === 'object' && value !== null) return Object.entries(value).flatMap(([name, one]) => told(one, telling.test(name)));
  // A private key has several lines whatever it is called; the address where tokens are made is no secret.
  return typeof value === 'string' && (value.trim().includes('\n') || (isTold && !value.includes('://'))) ? [value] : [];
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
