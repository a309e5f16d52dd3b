/** `bine secret` against a real gateway: values come in by stdin and files, and never out. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Secret } from '@bine/shared';
import { startGateway } from '../../../test/contract/gateway.ts';
import type { TestGateway } from '../../../test/contract/gateway.ts';
import { runCommandLine } from '../command-line.ts';
import { createTestHost } from '../host.fixture.ts';
import { hintOnVariables, parseSecretUse } from './secret-use.ts';

describe('a secret that a program gets', () => {
  const good: [string, object][] = [
    ['TOKEN', { name: 'TOKEN', as: 'environment' }],
    ['TOKEN=HUGGING_FACE', { name: 'TOKEN', as: 'environment', variable: 'HUGGING_FACE' }],
    ['KEY:file', { name: 'KEY', as: 'file' }],
    ['KEY=KEY_PATH:file', { name: 'KEY', as: 'file', variable: 'KEY_PATH' }],
  ];
  for (const [text, use] of good) it(`is read from ${text}`, () => assert.deepEqual(parseSecretUse(text), use));
  for (const text of ['', '1X', 'A B', 'A=', '=A', 'A:disk', 'A:file:file', 'A=b-c', 'BINE_KEY', 'A=BINE_PROJECT']) {
    it(`is refused as ${JSON.stringify(text)}`, () => assert.throws(() => parseSecretUse(text), /It must be NAME/));
  }
  it('is recommended where a variable is named like one', () => {
    assert.match(hintOnVariables(['EPOCHS', 'HF_TOKEN'], 'bine', 'churn') ?? '', /variable HF_TOKEN.*"bine secret set HF_TOKEN -p churn"/);
    assert.equal(hintOnVariables(['EPOCHS', 'TOKENIZER', 'MONKEY', 'KEYBOARD'], 'bine', 'churn'), null);
  });
});

describe('bine secret', { timeout: 120_000 }, () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await startGateway();
    await bine('', 'project', 'create', 'churn');
  });
  after(() => gateway[Symbol.asyncDispose]());

  async function bine(stdin: string, ...words: string[]) {
    await using host = await createTestHost({ BINE_URL: gateway.url, BINE_KEY: gateway.key });
    (host.stdin as unknown as NodeJS.WritableStream).end(stdin);
    const code = await runCommandLine(words, host);
    return { code, out: host.out(), err: host.err() };
  }

  it('keeps, lists and removes those of a project and those of the user', async () => {
    const file = join(gateway.home, 'key.bin');
    await writeFile(file, Buffer.from([0, 255, 10]));
    const said = [
      await bine('planted-value\n', 'secret', 'set', 'TOKEN', '-p', 'churn'),
      await bine('', 'secret', 'set', 'KEY', '--mine', '--from-file', file),
      await bine('', 'secret', 'list', '-p', 'churn'),
      await bine('', 'secret', 'list', '--mine', '--json'),
    ];
    assert.deepEqual(
      said.map(({ code }) => code),
      [0, 0, 0, 0],
      said.map(({ err }) => err).join(''),
    );
    assert.ok(said.every(({ out, err }) => !`${out}${err}`.includes('planted')));
    assert.match(said[2]!.out, /^TOKEN\s+.* admin/m);
    assert.deepEqual(
      (JSON.parse(said[3]!.out) as Secret[]).map(({ name, owner }) => [name, owner]),
      [['KEY', 'user']],
    );
    assert.equal((await bine('', 'secret', 'rm', 'TOKEN', '-p', 'churn', '--yes')).code, 0);
    assert.match(
      (await bine('', 'secret', 'rm', 'TOKEN', '-p', 'churn', '--yes')).err,
      /There is no secret "TOKEN" in the project "churn"/,
    );
    assert.match((await bine('', 'secret', 'list', '-p', 'churn')).err, /"bine secret set NAME -p churn"/);
  });

  it('wants to know whose it is, and a value', async () => {
    assert.match((await bine('x', 'secret', 'set', 'TOKEN')).err, /Write -p PROJECT .* or --mine/);
    assert.match((await bine('x', 'secret', 'set', 'TOKEN', '--mine', '-p', 'churn')).err, /not both/);
    assert.match((await bine('', 'secret', 'set', 'TOKEN', '--mine')).err, /empty value/);
    assert.match((await bine('x'.repeat(65_537), 'secret', 'set', 'TOKEN', '--mine')).err, /65537 bytes/);
    assert.match((await bine('x', 'secret', 'set', '1X', '--mine')).err, /name: use 1 to 128 letters/);
  });
});
