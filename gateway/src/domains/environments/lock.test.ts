import assert from 'node:assert/strict';
import { it } from 'node:test';
import { lockOf } from './lock.ts';

it('A lock names versions and hashes, and says of which packages no index can tell', () => {
  const lock = lockOf([
    { name: 'six', version: '1.17.0', source: 'index', from: null, hashes: ['sha256:aa', 'sha256:bb'] },
    { name: 'gone', version: '1.0', source: 'index', from: null, hashes: [] },
    { name: 'mine', version: '2.0', source: 'wheel', from: 'mine-2.0-py3-none-any.whl', hashes: ['sha256:cc'] },
    { name: 'idna', version: '3.10', source: 'wheel', from: 'https://host.example/idna-3.10-py3-none-any.whl', hashes: ['sha256:dd'] },
    { name: 'mute', version: '1.0', source: 'wheel', from: 'https://host.example/mute-1.0-py3-none-any.whl', hashes: [] },
    { name: 'theirs', version: '3.0', source: 'git', from: 'git+https://host.example/theirs@0123abc', hashes: [] },
  ]);
  assert.equal(
    lock,
    `six==1.17.0 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
# The index told no hash of it, so pip installs it without --require-hashes only.
gone==1.0
# From mine-2.0-py3-none-any.whl, which no index has: give pip its folder with --find-links.
mine==2.0 \\
    --hash=sha256:cc
idna @ https://host.example/idna-3.10-py3-none-any.whl \\
    --hash=sha256:dd
# Its server told no hash of it, so pip installs it without --require-hashes only.
mute @ https://host.example/mute-1.0-py3-none-any.whl
# From Git, which pip installs without --require-hashes only.
theirs @ git+https://host.example/theirs@0123abc
`,
  );
});
