/** Who asks, as the URL of an index or a proxy says, kept apart from the URL. */

export type Credentials = {
  /** Without the user and the password. */
  url: URL;
  /** The header's value; null: the URL names nobody. */
  authorization: string | null;
};

export function readCredentials(text: string): Credentials {
  const url = new URL(text);
  if (url.username === '' && url.password === '') return { url, authorization: null };
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  url.username = '';
  url.password = '';
  return { url, authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** For the server alone that they were given for: pages name files on others. */
export function headersFor(address: string, { url, authorization }: Credentials): Record<string, string> {
  return authorization !== null && new URL(address).origin === url.origin ? { authorization } : {};
}
