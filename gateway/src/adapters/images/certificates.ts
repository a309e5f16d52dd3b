/** Containers trust what this machine trusts, so that package indexes behind a company's own authority work in them. */
import { existsSync } from 'node:fs';

/** Where distributions keep the bundle. */
export const bundles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];
const inside = '/etc/ssl/certs/ca-certificates.crt';

export type Certificates = {
  mounts: { source: string; target: string; readOnly: true }[];
  environment: Record<string, string>;
};

export function certificates(): Certificates {
  const source = bundles.find((path) => existsSync(path));
  if (!source) return { mounts: [], environment: {} };
  return {
    mounts: [{ source, target: inside, readOnly: true }],
    environment: { SSL_CERT_FILE: inside, REQUESTS_CA_BUNDLE: inside, CURL_CA_BUNDLE: inside, PIP_CERT: inside, GIT_SSL_CAINFO: inside },
  };
}
