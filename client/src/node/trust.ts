/** Certificates that this process trusts besides the usual ones, for HTTPS and WebSockets alike. */
import * as tls from 'node:tls';

const added = new Set<string>();

/** @param pem one or several certificates. False: this Node cannot be told; NODE_EXTRA_CA_CERTS at its start does the same */
export function trustCertificates(pem: string): boolean {
  if (added.has(pem)) return true;
  // Not in the Node of every editor.
  const { setDefaultCACertificates, getCACertificates } = tls as Partial<typeof tls>;
  if (!setDefaultCACertificates || !getCACertificates) return false;
  setDefaultCACertificates([...getCACertificates('default'), pem]);
  added.add(pem);
  return true;
}

/** Is there one? */
export function trustsMore(): boolean {
  return added.size > 0;
}

/** OpenSSL's and Node's reasons, as codes. */
const untrusted = /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)/;

/** Why a server's certificate was not trusted, if that is what a call to it failed for; null: it failed for something else. */
export function distrustOf(error: unknown): string | null {
  const { cause } = error as { cause?: NodeJS.ErrnoException };
  return cause?.code && untrusted.test(cause.code) ? cause.message : null;
}
