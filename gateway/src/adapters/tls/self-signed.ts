/** A certificate of the gateway's own, made at the first start and again before it ends or when it is for other names. */
import { X509Certificate } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { namesOf } from './certificate-files.ts';
import type { CertificateFiles } from './certificate-files.ts';

const day = 24 * 3600 * 1000;
const validDays = 730;
const renewDays = 60;

/** @param names as `name` or `address` */
export async function ensureSelfSigned(folder: string, names: readonly string[]): Promise<CertificateFiles> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const files = { certificate: join(folder, 'certificate.pem'), key: join(folder, 'key.pem') };
  if (await isGood(files, names)) return files;
  const made = await generate([{ name: 'commonName', value: 'Bine gateway' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + validDays * day),
    extensions: [
      // It vouches for itself and nobody else.
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: names.map((name) => (isIP(name) ? { type: 7, ip: name } : { type: 2, value: name })) },
    ],
  });
  await replace(files.key, made.private, 0o600);
  await replace(files.certificate, made.cert, 0o644);
  return files;
}

async function isGood(files: CertificateFiles, names: readonly string[]): Promise<boolean> {
  try {
    const [text, key] = await Promise.all([readFile(files.certificate, 'utf8'), readFile(files.key, 'utf8')]);
    const certificate = new X509Certificate(text);
    const known = namesOf(text);
    const lives = Date.parse(certificate.validTo) > Date.now() + renewDays * day;
    return lives && key.includes('PRIVATE KEY') && names.every((name) => known.includes(name));
  } catch {
    // Missing or damaged: another one is made.
    return false;
  }
}

async function replace(file: string, text: string, mode: number): Promise<void> {
  await writeFile(`${file}.new`, text, { mode });
  await rename(`${file}.new`, file);
}
