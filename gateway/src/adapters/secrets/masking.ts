/**
 * Replaces secrets by `***` in what a build says, before the gateway writes it anywhere: as they are, line by line, and as base64, URL,
 * JSON, HTML and Python write them. What programs of kernels and jobs say is masked by the agent that writes their logs.
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
  const parts = [text, text.trim(), ...text.split(/\r\n|\n|\r/).map((line) => line.trim())].filter((part) => part.length >= least);
  return [...encoded(value), ...encoded(Buffer.from(text.trim())), ...parts.flatMap(written)];
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
  const all = [whole, whole.replaceAll('=', ''), ...broken, ...shifted];
  return all.flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]);
}
