/** An authority of its own and a certificate of it for this machine, made by openssl anew each time. */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** @returns the path of the authority's certificate, and what a server of it needs */
export async function makeCertificates(folder: string): Promise<{ ca: string; key: Buffer; cert: Buffer }> {
  const at = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execute('openssl', args);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-sha256'];
  await openssl('req', '-x509', ...key, '-days', '2', '-subj', '/CN=Bine test authority', '-keyout', at('ca.key'), '-out', at('ca.pem'));
  await openssl('req', ...key, '-subj', '/CN=localhost', '-keyout', at('server.key'), '-out', at('server.csr'));
  await writeFile(at('names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  const authority = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial'];
  await openssl(
    'x509',
    '-req',
    '-in',
    at('server.csr'),
    ...authority,
    '-days',
    '2',
    '-sha256',
    '-extfile',
    at('names'),
    '-out',
    at('server.pem'),
  );
  return { ca: at('ca.pem'), key: await readFile(at('server.key')), cert: await readFile(at('server.pem')) };
}
