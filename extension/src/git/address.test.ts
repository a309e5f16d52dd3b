import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cause, folderOf, hostOf, readAddress, tokenPage } from './address.ts';

describe('the address of a repository', () => {
  const taken: [typed: string, url: string, note: RegExp | null][] = [
    ['https://github.com/owner/repo', 'https://github.com/owner/repo', null],
    [' https://git.example.org:8443/a/b/c.git ', 'https://git.example.org:8443/a/b/c.git', null],
    ['https://github.com/owner/repo/', 'https://github.com/owner/repo', null],
    ['git clone https://github.com/owner/repo.git', 'https://github.com/owner/repo.git', null],
    ['git@github.com:owner/repo.git', 'https://github.com/owner/repo.git', /over HTTPS: https:\/\/github\.com/],
    ['ssh://git@gitlab.example.org:2222/group/sub/repo.git', 'https://gitlab.example.org/group/sub/repo.git', /over HTTPS/],
    ['git://example.org/repo.git', 'https://example.org/repo.git', /over HTTPS/],
    ['github.com/owner/repo', 'https://github.com/owner/repo', /over HTTPS/],
    ['https://ann@bitbucket.org/team/repo.git', 'https://bitbucket.org/team/repo.git', /Who you are/],
    ['https://ann:secret@example.org/repo.git', 'https://example.org/repo.git', /Who you are/],
  ];
  for (const [typed, url, note] of taken) {
    it(`"${typed}" is ${url}`, () => {
      const address = readAddress(typed);
      assert.equal(address.url, url);
      if (address.url === null) return;
      if (note) assert.match(address.note ?? '', note);
      else assert.equal(address.note, null);
    });
  }

  it('never repeats a token that was pasted with it', () => {
    assert.doesNotMatch(JSON.stringify(readAddress('https://ann:secret@example.org/repo.git')), /secret/);
  });

  const refused: [string, RegExp][] = [
    ['', /Type the address/],
    ['http://example.org/repo', /in the open/],
    ['/home/ann/repo', /folder of this machine/],
    ['file:///home/ann/repo', /folder of this machine/],
    ['nonsense', /begins with https/],
    ['https://example.org', /begins with https/],
  ];
  for (const [typed, problem] of refused) {
    it(`"${typed}" is refused`, () => {
      const address = readAddress(typed);
      assert.match(address.url === null ? address.problem : '', problem);
    });
  }

  it('names its host and the folder that it is checked out into', () => {
    assert.equal(hostOf('https://Git.Example.org:8443/a/b'), 'git.example.org:8443');
    assert.equal(folderOf('https://github.com/owner/repo.git'), 'repo');
    assert.equal(folderOf('https://example.org/a%20b'), 'a b');
    assert.equal(folderOf('https://example.org/100%'), '100%');
  });
});

describe('a token', () => {
  it('is made where its server says', () => {
    assert.match(tokenPage('github.com').page ?? '', /^https:\/\/github\.com\/settings/);
    assert.match(tokenPage('gitlab.example.org').page ?? '', /^https:\/\/gitlab\.example\.org\//);
    assert.match(tokenPage('bitbucket.org').page ?? '', /atlassian/);
    assert.equal(tokenPage('git.example.org').page, null);
  });
});

describe('the cause of a problem', () => {
  it('is its first sentence, whatever dots are in it', () => {
    assert.equal(cause('git.example.org wants a token. Give Bine one.'), 'git.example.org wants a token.');
    assert.equal(cause('No dot'), 'No dot');
  });
});
