/** What a call was about. Only fields that name something are kept: a new field of the contract is left out until it is listed here. */

const names = (
  'project environment kernel job execution schedule change operation snapshot manifest sha256 key user name id role scopes days admin disabled ' +
  'paused revision index path paths from to repository ref host method route notebook'
).split(' ');

const longest = 200;
const mostOfList = 20;

export function subjectOf(input: unknown): Record<string, string> {
  if (typeof input !== 'object' || input === null) return {};
  const found: Record<string, string> = {};
  for (const name of names) {
    const value = (input as Record<string, unknown>)[name];
    const text = Array.isArray(value) ? value.slice(0, mostOfList).map(plain).join(' ') : plain(value);
    if (text !== '') found[name] = text.length > longest ? `${text.slice(0, longest)}…` : text;
  }
  return found;
}

function plain(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}
