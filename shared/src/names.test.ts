import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GitHost, GitUrl } from './git.ts';
import { problemOfGitHost, problemOfGitUrl } from './names.ts';

/** The same numbers each time. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const parts = [
  'https://',
  'http://',
  'ssh://',
  'git@',
  'host',
  'EXAMPLE.org',
  'xn--a',
  '1.2.3.4',
  '256',
  '999.1',
  '0x7f.1',
  '[::1]',
  ':',
  '99999',
  '65535',
  '65536',
  '0',
  '443',
  '/',
  '..',
  '.',
  '%',
  '%zz',
  '%2e',
  '%00',
  '%C3',
  '?',
  '#',
  '@',
  '\\',
  ' ',
  '\n',
  'ä',
  '-',
  'a/b.git',
];

describe('the address of a repository', () => {
  it('is accepted only if it can be read as one, whatever was typed', () => {
    const next = numbers(3);
    let accepted = 0;
    for (let count = 0; count < 50_000; count++) {
      const text = (next(2) ? 'https://' : '') + Array.from({ length: 1 + next(5) }, () => parts[next(parts.length)]).join('');
      const { success } = GitUrl.safeParse(text);
      assert.equal(success, problemOfGitUrl(text) === null, text);
      if (!success) continue;
      accepted += 1;
      const url = new URL(text);
      assert.ok(url.protocol === 'https:' && url.username === '' && url.hostname !== '' && Number(url.port || 443) <= 65_535, text);
      decodeURIComponent(url.pathname);
      assert.equal(problemOfGitHost(url.host), null, url.host);
    }
    assert.ok(accepted > 100, `${accepted}`);
  });

  for (const [text, why] of [
    ['https://git.example.org:99999/a.git', /port up to 65535, not 99999/],
    ['https://git.example.org:65536/a.git', /port up to 65535, not 65536/],
    ['https://999.1.1.1/a.git', /"999\.1\.1\.1" is neither a server's name nor an address/],
    ['https://host/a%zz', /two hexadecimal digits after each %/],
    ['https://user@host/a', /without a user name/],
    ['https://[::ffff:127.0.0.1]/a', /write an address that begins with https/],
    ['ssh://host/a', /begins with https/],
    ['', /begins with https/],
  ] as const) {
    it(`${JSON.stringify(text)} is refused with what is wrong`, () => {
      assert.match(problemOfGitUrl(text)!, why);
      assert.match(GitUrl.safeParse(text).error!.issues[0]!.message, why);
    });
  }

  it('names a server as a token does', () => {
    assert.match(GitHost.safeParse('git.example.org:70000').error!.issues[0]!.message, /port up to 65535/);
    assert.equal(GitHost.safeParse('git.example.org:8443').success, true);
  });
});
