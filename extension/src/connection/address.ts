/** Addresses of gateways: what a person may type, and what is derived from it. */

/** The form in which addresses are compared and kept: origin and path, without a slash at the end. */
export function normaliseAddress(text: string): string {
  const url = parse(text);
  return `${url.protocol}//${url.host}${url.pathname}`.replace(/\/+$/, '');
}

function parse(text: string): URL {
  const typed = text.trim();
  return new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(typed) ? typed : `http://${typed}`);
}

/** Why `text` cannot be the address of a gateway, for a person who is typing; undefined when it can. */
export function addressProblem(text: string): string | undefined {
  if (!text.trim()) return 'Type the address that "bine up" printed, such as http://127.0.0.1:7878';
  let url: URL;
  try {
    url = parse(text);
  } catch {
    return `"${text.trim()}" is not an address; it looks like http://127.0.0.1:7878`;
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return `Begin with http:// or https:// instead of ${url.protocol}//`;
  if (url.username || url.password) return 'Leave the name and password out of the address; the key is asked for next';
  return undefined;
}

export function socketAddress(address: string): string {
  return address.replace(/^http/, 'ws');
}

/** The host, as it is told apart in the status bar and the accounts menu. */
export function addressLabel(address: string): string {
  return new URL(address).host;
}

export function isLocal(address: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(address).hostname);
}
