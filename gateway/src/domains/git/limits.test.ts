import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { run } from '../../adapters/git/run.ts';
import { inProject } from '../../adapters/git/sandbox.ts';
import { startWorld } from './world.fixture.ts';

describe('what a repository makes Git do', { timeout: 120_000 }, () => {
  it('ends with a sentence where it takes too much memory', async (t) => {
    const { files, owner } = await startWorld(t);
    const start = (script: string) =>
      run({
        sandbox: inProject(files, ''),
        user: owner,
        program: ['sh', '-c', script],
        environment: { PATH: '/usr/bin:/bin' },
        most: 1024,
        signal: AbortSignal.timeout(100_000),
      });
    await assert.rejects(
      start('truncate -s 10G big; git init -q .; git -c core.bigFileThreshold=100g -c core.autocrlf=true hash-object big'),
      /Git needed more than 6 GiB of memory/,
    );
  });

  it('goes no further than to a server on the internet unless it is listed', async (t) => {
    const { git, ended } = await startWorld(t, { allow: [] });
    const { problem } = await ended(await git.clone({ project: 'p', url: 'https://localhost:1/a.git' }, 'ann'));
    assert.equal(problem?.code, 'git-failed');
    assert.match(problem.detail, /localhost is (127\.0\.0\.1|::1), an address of the gateway's machine.*--allow-egress localhost:1/);
  });
});
