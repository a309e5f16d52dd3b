import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { apiPrefix, executionResult, fileContent, gitContent, kernelChannels, snapshotBlob } from '@bine/shared';
import { startGateway } from './gateway.ts';
import type { TestGateway } from './gateway.ts';
import { procedures } from './procedures.ts';

type Operation = { responses: Record<string, unknown>; security?: unknown[]; operationId: string };
type Sent = { properties: { event: { const: string }; data: { type?: string; contentMediaType?: string; contentSchema?: object } } };
type Document = {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  security: unknown[];
  components: { securitySchemes: object };
};

describe('the description of the API', () => {
  let gateway: TestGateway;
  let document: Document;

  before(async () => {
    gateway = await startGateway();
    document = (await (await gateway.fetch(`${apiPrefix}/openapi.json`)).json()) as Document;
  });
  after(() => gateway[Symbol.asyncDispose]());

  it('is valid OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate(document);
    assert.ok(valid, JSON.stringify(errors));
    assert.match(document.openapi, /^3\.1\./);
    assert.deepEqual(document.security, [{ key: [] }]);
    assert.ok('key' in document.components.securitySchemes);
  });

  for (const { name, method, path, access } of procedures('mine')) {
    it(`has ${method} ${path}`, () => {
      const operation = document.paths[path]?.[method.toLowerCase()];
      assert.equal(operation?.operationId, name);
      assert.ok('default' in operation.responses && '422' in operation.responses);
      if (access.scope === null) assert.deepEqual(operation.security, []);
      else assert.ok('401' in operation.responses && '403' in operation.responses);
      if (access.role) assert.ok('404' in operation.responses);
    });
  }

  it('has the routes that stream bytes, and nothing else', () => {
    const files = ['get', 'head', 'put'].map((method) => `${method} ${fileContent.path}`);
    const jobs = [`put ${snapshotBlob.path}`, `get ${executionResult.path}`];
    const streaming = [...files, ...jobs, `get ${gitContent.path}`, `get ${kernelChannels.path}`];
    const described = Object.entries(document.paths).flatMap(([path, item]) => Object.keys(item).map((method) => `${method} ${path}`));
    const expected = procedures('mine').map(({ method, path }) => `${method.toLowerCase()} ${path}`);
    assert.deepEqual(described.toSorted(), [...expected, ...streaming].toSorted());
  });

  it('has the data of streams as the text that is sent, which holds JSON', () => {
    let streams = 0;
    for (const operation of Object.values(document.paths).flatMap((item) => Object.values(item))) {
      const { content } = (operation.responses['200'] ?? {}) as { content?: Record<string, { schema: { oneOf: Sent[] } }> };
      const schema = content?.['text/event-stream']?.schema;
      if (!schema) continue;
      streams += 1;
      assert.deepEqual(
        schema.oneOf.map(({ properties: { event, data } }) => [event.const, data.type, data.contentMediaType, typeof data.contentSchema]),
        ['message', 'done', 'error'].map((event) => [event, 'string', 'application/json', 'object']),
      );
    }
    assert.ok(streams >= 6);
  });

  it('can be read in a browser without anything from another host and without inline scripts', async () => {
    const page = await gateway.fetch('/docs');
    assert.equal(page.status, 200);
    const policy = page.headers.get('content-security-policy') ?? '';
    assert.match(policy, /script-src 'self';/);
    const html = await page.text();
    const links = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1]!);
    assert.ok(links.length >= 3);
    for (const link of links) {
      assert.match(link, /^\/docs\//);
      const file = await gateway.fetch(link);
      assert.equal(file.status, 200, link);
      await file.body?.cancel();
    }
    assert.doesNotMatch(html, /<script>/);
  });
});
