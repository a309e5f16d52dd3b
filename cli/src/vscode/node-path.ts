/** The environment for npm and what it starts: our own Node comes first, whatever the machine's default is. */
import { delimiter, dirname } from 'node:path';
import { env as own, execPath } from 'node:process';

const bundle = '/etc/ssl/certs/ca-certificates.crt';

export function withNode(env: Record<string, string | undefined> = own): Record<string, string | undefined> {
  // npm doesn't read the system's certificates, where a company's own authority is.
  return { NODE_EXTRA_CA_CERTS: bundle, ...env, PATH: [dirname(execPath), env.PATH].filter(Boolean).join(delimiter) };
}
