/** What a client may send wrong: the document says it where JSON Schema can, and the gateway refuses it and changes nothing. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { apiPrefix, socketPath } from '@bine/shared';
import { startGateway } from './gateway.ts';
import type { TestGateway } from './gateway.ts';
import { callRest, procedures } from './procedures.ts';

type Schema = {
  pattern?: string;
  format?: string;
  minLength?: number;
  maxLength?: number;
  properties?: Record<string, Schema>;
  anyOf?: Schema[];
};
type Operation = {
  operationId: string;
  parameters?: { name: string; schema: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
};

const table = procedures('mine');

describe('a request that is wrong', () => {
  let gateway: TestGateway;
  let operations: Operation[];

  before(async () => {
    gateway = await startGateway();
    await (await gateway.connect(gateway.key)).projects.create({ name: 'mine' });
    const document = (await (await gateway.fetch(`${apiPrefix}/openapi.json`)).json()) as {
      paths: Record<string, Record<string, Operation>>;
    };
    operations = Object.values(document.paths).flatMap((item) => Object.values(item));
  });
  after(() => gateway[Symbol.asyncDispose]());

  const bodyOf = (name: string): Schema => {
    const { requestBody } = operations.find(({ operationId }) => operationId === name) ?? assert.fail(name);
    return requestBody?.content['application/json']?.schema ?? assert.fail(name);
  };
  const schemaOf = (name: string, field: string): Schema => {
    const parameter = operations.find(({ operationId }) => operationId === name)?.parameters?.find((one) => one.name === field);
    return parameter?.schema ?? bodyOf(name).properties?.[field] ?? assert.fail(`${name} has no ${field}`);
  };
  const allows = ({ pattern, minLength = 0, maxLength = Infinity }: Schema, value: string) =>
    value.length >= minLength && value.length <= maxLength && (!pattern || new RegExp(pattern, 'u').test(value));

  const goodPaths = ['a', 'a/b.txt', '.env', '...', 'a b/ü', '..a/b..', '100%'];
  const badPaths = ['/a', 'a/', 'a//b', '.', 'a/./b', '..', 'a/../b', 'a\nb', 'a\u0000', 'a\u0085', 'a\\b', '\ufffd', 'x'.repeat(256)];
  const rules: { name: string; field: string; good: string[]; bad: string[] }[] = [
    ...['files.stat', 'files.mkdir', 'files.list', 'files.read', 'files.write'].map((name) => ({
      name,
      field: 'path',
      good: goodPaths,
      bad: badPaths,
    })),
    { name: 'files.rename', field: 'to', good: goodPaths, bad: badPaths },
    { name: 'git.init', field: 'repository', good: goodPaths, bad: badPaths },
    {
      name: 'schedules.create',
      field: 'cron',
      good: ['0 6 * * *', ' 0 0 6 * * MON ', '@daily'],
      bad: ['', '* * *', '1 2 3 4 5 6 7', 'daily'],
    },
    { name: 'git.setCredential', field: 'token', good: ['abc', ' abc\n'], bad: ['', ' ', 'a b', 'a\nb'] },
    { name: 'git.setIdentity', field: 'name', good: ['Ann', ' Ann B. ', 'A'], bad: ['', ' ', 'Ann <a>', 'Ann\nB'] },
    { name: 'snapshots.putBlob', field: 'sha256', good: ['0'.repeat(64)], bad: ['0'.repeat(63), 'A'.repeat(64)] },
  ];
  for (const { name, field, good, bad } of rules) {
    it(`has its rule in the document: ${field} of ${name}`, () => {
      const schema = schemaOf(name, field);
      for (const value of good) assert.ok(allows(schema, value), `${JSON.stringify(value)} is good`);
      for (const value of bad) assert.ok(!allows(schema, value), `${JSON.stringify(value)} is bad`);
    });
    const procedure = table.find((one) => one.name === name);
    if (!procedure) continue;
    it(`is refused: ${field} of ${name}`, async () => {
      const withJob = { mine: { job: 'train', path: 'train.py', environment: 'python-training' } };
      if (name.startsWith('schedules')) await callRest(gateway, putJob(withJob.mine), gateway.key);
      const input = { ...procedure.input, ...(name.startsWith('schedules') && { job: 'train' }) };
      for (const value of bad) {
        const { status } = await callRest(gateway, { ...procedure, input: { ...input, [field]: value } }, gateway.key);
        assert.ok(status === 422 || status === 403, `${JSON.stringify(value)}: ${status}`);
      }
      for (const value of good) {
        const { status } = await callRest(gateway, { ...procedure, input: { ...input, [field]: value } }, gateway.key);
        assert.notEqual(status, 422, JSON.stringify(value));
      }
    });
  }
  const putJob = (input: object) => ({ ...table.find(({ name }) => name === 'jobs.put')!, input: { project: 'mine', ...input } });

  it('has its rule in the document: the email of who commits', () => {
    const { format, maxLength } = schemaOf('git.setIdentity', 'email');
    assert.deepEqual({ format, maxLength }, { format: 'email', maxLength: 200 });
  });

  it('has its rule in the document: a commit has a message, unless it amends', () => {
    const [message, amend] = bodyOf('git.commit').anyOf ?? [];
    assert.ok(!new RegExp(message?.properties?.['message']?.pattern ?? '').test(' \n'));
    assert.deepEqual(amend?.properties, { amend: { const: true } });
  });

  for (const procedure of table.filter(({ method }) => method !== 'GET')) {
    it(`is refused with 400: a body that is no JSON object, at ${procedure.name}`, async () => {
      const path = `${apiPrefix}${procedure.path.replaceAll(/\{(\w+)\}/g, (_, field: string) => String(procedure.input[field]))}`;
      const send = (body: string, type = 'application/json') =>
        gateway.fetch(path, { key: gateway.key, method: procedure.method, body, headers: { 'content-type': type } });
      for (const body of ['[]', '[1]', '"x"', '1', 'true', 'null', '{']) {
        const answer = await send(body);
        assert.deepEqual([answer.status, ((await answer.json()) as { code: string }).code], [400, 'bad-request'], body);
      }
      assert.equal((await send('{}', 'text/plain')).status, 400);
      assert.equal((await send('a=1', 'application/x-www-form-urlencoded')).status, 400);
    });
  }

  const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='];
  for (const [what, lines, status, code] of [
    ['a request without a Host', [`GET ${apiPrefix}/health HTTP/1.1`], 403, 'foreign-host'],
    [
      'a socket of an old version',
      [`GET ${socketPath} HTTP/1.1`, 'HOST', 'KEY', ...upgrade, 'Sec-WebSocket-Version: 7'],
      400,
      'bad-request',
    ],
    ['a socket without GET', [`POST ${socketPath} HTTP/1.1`, 'HOST', 'KEY', ...upgrade, 'Sec-WebSocket-Version: 13'], 405, 'bad-method'],
  ] as const) {
    it(`is refused in the words of every other refusal: ${what}`, async () => {
      const { host, hostname, port } = new URL(gateway.url);
      const socket = connect(Number(port), hostname);
      const known = { HOST: `Host: ${host}`, KEY: `Authorization: Bearer ${gateway.key}` } as Record<string, string>;
      socket.write([...lines.map((line) => known[line] ?? line), 'Connection: close', '', ''].join('\r\n'));
      const answer = await text(socket);
      const [head, body] = answer.split('\r\n\r\n') as [string, string];
      assert.match(head, /^HTTP\/1\.1 (\d+) .*content-type: application\/problem\+json/is);
      const problem = JSON.parse(body.slice(body.indexOf('{'), body.lastIndexOf('}') + 1)) as { status: number; code: string };
      assert.deepEqual([problem.status, problem.code], [status, code]);
    });
  }

  it('is refused with 413: a JSON body above the limit, whether or not it says its length', async () => {
    const client = await gateway.connect(gateway.key);
    const largest = 2 ** 20;
    const create = (name: string, size: number, streamed = false) => {
      const body = JSON.stringify({ name }).padEnd(size);
      return gateway.fetch(`${apiPrefix}/projects`, {
        key: gateway.key,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: streamed ? new Blob([body]).stream() : body,
        duplex: 'half',
      } as RequestInit & { key: string });
    };
    for (const streamed of [false, true]) {
      const answer = await create('too-large', largest + 1, streamed);
      const { code, status, detail } = (await answer.json()) as { code: string; status: number; detail: string };
      assert.equal(answer.headers.get('content-type'), 'application/problem+json');
      assert.deepEqual([answer.status, status, code], [413, 413, 'too-large']);
      assert.equal(detail, 'The body may have 1 MiB. Upload files to files/content.');
    }
    assert.deepEqual(
      (await client.projects.list({})).map(({ name }) => name),
      ['mine'],
    );
    assert.equal((await create('just-fits', largest)).status, 201);
    await client.projects.delete({ project: 'just-fits' });
  });

  const numbers = [
    'audit?limit',
    'audit?before',
    'audit/follow?after',
    'events?after',
    'projects/mine/git/log?limit',
    'projects/mine/git/log?skip',
  ];
  for (const query of [
    ...numbers,
    'projects/mine/executions?limit',
    'projects/mine/executions/x/log?after',
    'audit?user',
    'audit?key',
    'audit?outcome',
  ]) {
    it(`is refused with 422: an empty value, as in ${query}=`, async () => {
      const values = numbers.includes(query) ? ['', '=', '=%20', '=x', '=1.5', '[]=', '[a]=1'] : ['', '='];
      for (const value of values) {
        const answer = await gateway.fetch(`${apiPrefix}/${query}${value}`, { key: gateway.key });
        // What is wrongly accepted may be a stream without end.
        if (answer.status !== 422) await answer.body?.cancel();
        assert.equal(answer.status, 422, value);
      }
    });
  }
});
