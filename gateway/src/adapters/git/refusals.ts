/** Why a server, or the way to it, refused. */
import { Problem } from '@bine/shared/problems';
import type { Asked } from './askpass.ts';
import { failureOf } from './failures.ts';
import { mostLines, tidy } from './tidy.ts';

export type Refused = { stdout: Buffer; stderr: string; what: string; host: string; asked: Asked; hasSecret: boolean };

export function refusalOf({ stdout, stderr, what, host, asked, hasSecret }: Refused): Problem {
  const said = tidy(stderr);
  const refused = tidy(stdout.toString().slice(0, 64 * 1024));
  return (
    credential(said, { host, asked, hasSecret }) ??
    rejection(refused, said) ??
    network(said, host) ??
    failureOf(what, `${said}\n${refused}`)
  );
}

const setToken = (host: string): string =>
  `Give Bine a token for it: "Bine: Manage Git Tokens" in the editor, or "bine git token set ${host}" in a terminal.`;

function credential(said: string, { host, asked, hasSecret }: Pick<Refused, 'host' | 'asked' | 'hasSecret'>): Problem | null {
  const [foreign] = asked.foreign;
  if (foreign) {
    return new Problem(
      'credential-needed',
      `${host} sent Git on to ${foreign}, which wants a token. Yours was not sent there; use the address at ${foreign} if you trust it.`,
    );
  }
  if (/could not read (?:Username|Password) for|unable to read askpass response/.test(said))
    return new Problem('credential-needed', `${host} wants to know who you are, and there is no token for it. ${setToken(host)}`);
  if (/Authentication failed for|HTTP 401|error: 401/.test(said))
    return new Problem('credential-needed', `${host} refused the token: it is wrong, has expired or was revoked. ${setToken(host)}`);
  if (!/error: 403|HTTP 403/.test(said)) return null;
  const why = hasSecret ? 'the token is not allowed to do this there' : 'nobody may do this without a token';
  return new Problem('credential-needed', `${host} refused it: ${why}. ${setToken(host)}${remoteSaid(said)}`);
}

/** Of `git push --porcelain`: a mark, from and to, and what became of it, between tabs. */
function rejection(refused: string, said: string): Problem | null {
  const [, why = ''] = /^!\t[^\t]*\t(.*)$/m.exec(refused) ?? [];
  if (/\[rejected\].*\((?:fetch first|non-fast-forward|needs force)\)/.test(why))
    return new Problem('push-rejected', 'The server has commits that you do not have. Pull first, then push again.');
  if (/\[rejected\].*\(stale info\)/.test(why))
    return new Problem(
      'push-rejected',
      'The server has other commits than those that were fetched last, so nothing was replaced. Fetch and look at them first.',
    );
  if (/\[remote rejected\]/.test(why))
    return new Problem(
      'git-failed',
      `The server took the commits but refused to move the branch: ${/\((.*)\)/.exec(why)?.[1] ?? why}.${remoteSaid(said)}`,
    );
  return null;
}

function network(said: string, host: string): Problem | null {
  if (/Could not resolve (?:host|proxy)/.test(said))
    return new Problem(
      'git-failed',
      `There is no server ${host}, or this machine cannot look its name up. Check the address and the network.`,
    );
  if (/SSL certificate problem|server certificate verification failed|certificate/i.test(said))
    return new Problem(
      'git-failed',
      `The certificate of ${host} is not trusted here: ${mostLines(said, 1)}. If it is your own authority's, name its file in SSL_CERT_FILE when the gateway is started.`,
    );
  if (/Failed to connect|Couldn't connect|Connection (?:refused|reset|timed out)|Operation too slow|timed out/i.test(said))
    return new Problem('git-failed', `${host} does not answer: ${mostLines(said, 1)}. Check the address and the network, and try again.`);
  if (/repository '.*' not found|error: 404|Repository not found/i.test(said))
    return new Problem(
      'not-found',
      `${host} has no such repository, or does not show it to you. Check the address, and that your token may read it.`,
    );
  if (/couldn't find remote ref (.*)/.test(said))
    return new Problem('not-found', `${host} has no branch ${/couldn't find remote ref (.*)/.exec(said)![1]!.replace('refs/heads/', '')}.`);
  return null;
}

/** What a server says to people, as why a hook of its own refused. */
function remoteSaid(said: string): string {
  const lines = said
    .split('\n')
    .filter((line) => line.startsWith('remote: ') && !/^remote: (?:Resolving|Counting|Compressing|Processing)/.test(line));
  return lines.length === 0
    ? ''
    : ` It says: ${lines
        .slice(0, 6)
        .map((line) => line.slice('remote: '.length).trim())
        .join(' ')}`;
}
