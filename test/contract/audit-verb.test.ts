/** `bine audit`: its filters are those of the log, oldest first, for people and for programs. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { AuditEntry } from '@bine/shared';
import { bine } from '../../cli/src/host.fixture.ts';
import { startGateway } from './gateway.ts';
import type { TestGateway } from './gateway.ts';

describe('bine audit', () => {
  let gateway: TestGateway;
  let secondKey: string;

  before(async () => {
    gateway = await startGateway();
    secondKey = (await (await gateway.connect(gateway.key)).access.createKey({ name: 'second' })).secret;
    const ann = await gateway.connect(await gateway.user('ann'));
    await ann.projects.create({ name: 'first' });
    await ann.projects.create({ name: 'second' });
    await ann.projects.update({ project: 'second', description: 'better' });
    await assert.rejects(ann.access.createUser({ name: 'more' }));
    await (await gateway.connect(secondKey)).projects.create({ name: 'third' });
  });
  after(() => gateway[Symbol.asyncDispose]());

  const run = (words: string, key = gateway.key) => bine(`audit ${words}`, { BINE_URL: gateway.url, BINE_KEY: key });
  async function entries(words: string): Promise<string[]> {
    const { code, out, err } = await run(`${words} --json`);
    assert.equal(code, 0, err);
    return (JSON.parse(out) as AuditEntry[]).map(({ procedure, subject }) => `${procedure} ${subject['project'] ?? subject['name'] ?? ''}`);
  }

  it('tells what a user did, oldest first', async () => {
    assert.deepEqual(await entries('--user ann'), [
      'projects.create first',
      'projects.create second',
      'projects.update second',
      'access.createUser more',
    ]);
  });
  it('tells what was refused', async () => {
    assert.deepEqual(await entries('--user ann --outcome refused'), ['access.createUser more']);
    assert.deepEqual(await entries('--user ann --outcome missing-role'), ['access.createUser more']);
    assert.deepEqual(await entries('--user ann --outcome ok'), [
      'projects.create first',
      'projects.create second',
      'projects.update second',
    ]);
  });
  it('tells of one project, and of one key', async () => {
    assert.deepEqual(await entries('-p second'), ['projects.update second']);
    const { key } = await (await gateway.connect(secondKey)).access.me({});
    assert.deepEqual(await entries(`--key ${key.id}`), ['projects.create third']);
  });
  it('tells the newest so many, and what is not older than a time', async () => {
    assert.deepEqual(await entries('--user ann -n 1'), ['access.createUser more']);
    assert.equal((await entries('--user ann --since 1h')).length, 4);
    assert.deepEqual(await entries('--user ann --since 2999-01-01T00:00:00Z'), []);
  });
  it('is a line for each entry to people', async () => {
    const { code, out } = await run('--user ann');
    assert.equal(code, 0);
    const lines = out.trim().split('\n');
    assert.equal(lines.length, 4);
    assert.match(lines[3]!, /^\d{4}-\S+Z {2}ann {2}\w+ \(test\) {2}127\.0\.0\.1 {2}access\.createUser {2}missing-role {2}name=more$/);
  });
  it('says what is wrong with a filter, and who may ask', async () => {
    for (const words of ['--since yesterday', '-n 0', '-p A!']) {
      const { code, out, err } = await run(words);
      assert.notEqual(code, 0, words);
      assert.deepEqual([out, err === ''], ['', false], words);
    }
    const { code, err } = await run('', await gateway.user('eve'));
    assert.notEqual(code, 0);
    assert.match(err, /administrator/);
  });
});
