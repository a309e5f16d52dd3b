/** What kernels send, which may be anything: one odd value must not lose the others. */

export type Content = Record<string, unknown>;

/** Altair 6 has a point where others have a plus, as in `application/vnd.vegalite.v6.json`. */
const json = /^application\/(?:.*[+.])?json$/i;

/** Whether content of this type is JSON, and text otherwise. */
export function isJsonType(mime: string): boolean {
  return json.test(mime);
}

export function record(value: unknown): Content {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Content) : {};
}

/** A text or a list of texts; of anything else what it is as JSON. */
export function pieceOfText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(pieceOfText).join('');
  return value === null || value === undefined ? '' : JSON.stringify(value);
}

/** The same where no more of it follows: halves of characters are replaced. */
export function text(value: unknown): string {
  return pieceOfText(value).toWellFormed();
}

export function integer(value: unknown): number | null {
  return Number.isInteger(value) ? (value as number) : null;
}

function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(wellFormed);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key.toWellFormed(), wellFormed(each)]));
}

/** MIME type → text, or JSON. */
export function bundle(value: unknown): Content {
  return Object.fromEntries(
    Object.entries(record(value)).map(([mime, content]) => [mime.toWellFormed(), isJsonType(mime) ? wellFormed(content) : text(content)]),
  );
}

export function metadata(value: unknown): Content {
  return record(wellFormed(record(value)));
}
