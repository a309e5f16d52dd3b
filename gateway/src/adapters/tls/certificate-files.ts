/** A certificate and its key from files. A renewed one is taken without a restart; one that cannot be used is not. */
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Problem } from '@bine/shared/problems';
import type { Certificate, TlsSource } from '../../ports/tls.ts';

export type CertificateFiles = { certificate: string; key: string };

type CertificateFilesOptions = CertificateFiles & { onError: (error: unknown) => void; lookEveryMs?: number };

/** Looked at rather than watched: what renews certificates swaps links, whole folders, or files on a network's disk. */
const defaultLookEveryMs = 5000;

/** @throws Problem invalid */
export async function openCertificateFiles({
  onError,
  lookEveryMs = defaultLookEveryMs,
  ...files
}: CertificateFilesOptions): Promise<TlsSource> {
  const listeners = new Set<() => void>();
  let now = await read(files);
  let refused = '';

  const look = async () => {
    try {
      const next = await read(files);
      refused = '';
      if (next.certificate === now.certificate && next.key === now.key) return;
      now = next;
      for (const listener of listeners) listener();
    } catch (error) {
      // Once for each reason: half of a renewal may be there for a while.
      if ((error as Error).message !== refused) onError(error);
      refused = (error as Error).message;
    }
  };
  const timer = setInterval(() => void look(), lookEveryMs).unref();

  return {
    current: () => now,
    names: () => namesOf(now.certificate),
    onChange(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

async function read(files: CertificateFiles): Promise<Certificate> {
  const text = async (file: string, what: string) =>
    readFile(file, 'utf8').catch((cause: unknown) => {
      throw new Problem('invalid', `The ${what} ${file} cannot be read (${(cause as Error).message}).`, { cause });
    });
  const certificate = await text(files.certificate, 'certificate');
  const key = await text(files.key, 'key of the certificate');
  if (!isPair({ certificate, key })) {
    throw new Problem(
      'invalid',
      `${files.certificate} and ${files.key} are no certificate and its key, both as PEM and without a password.`,
    );
  }
  return { certificate, key };
}

function isPair({ certificate, key }: Certificate): boolean {
  try {
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

export function namesOf(certificate: string): string[] {
  const names = new X509Certificate(certificate).subjectAltName ?? '';
  return [...names.matchAll(/(?:DNS|IP Address):([^,\s]+)/g)].map(([, name]) => shortest(name!));
}

/** OpenSSL writes addresses of IPv6 in full. */
function shortest(name: string): string {
  return name.includes(':') ? new URL(`http://[${name}]`).hostname.slice(1, -1) : name;
}
