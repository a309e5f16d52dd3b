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
