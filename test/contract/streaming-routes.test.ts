/** The routes that stream bytes are no procedures; they keep to the same rights. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { apiPrefix, executionResult, fileContent, gitContent, kernelChannels, snapshotBlob } from '@bine/shared';
import type { Access, Scope } from '@bine/shared';
import { kernelSocketProtocol } from '@bine/shared/kernel-wire';
import { Refused, openSocket, opened, startGateway } from './gateway.ts';
import type { TestGateway } from './gateway.ts';

/** Of the body that is sent. */
const digest = createHash('sha256').update('x').digest('hex');

type Route = {
  name: string;
  access: Access;
  call(project: string, options?: { key?: string; query?: string }): Promise<{ status: number; code: string | null; field?: string }>;
};

describe('a route that streams bytes', () => {
  let gateway: TestGateway;
  let keys: { owner: string; viewer: string };

  before(async () => {
    gateway = await startGateway();
    keys = { owner: await gateway.user('ann'), viewer: await gateway.user('vic') };
    const [admin, owner] = [await gateway.connect(gateway.key), await gateway.connect(keys.owner)];
    await admin.projects.create({ name: 'theirs' });
    await owner.projects.create({ name: 'mine' });
    await owner.projects.setMember({ project: 'mine', user: 'vic', role: 'viewer' });
  });
  after(() => gateway[Symbol.asyncDispose]());

  const content =
    (method: 'GET' | 'PUT', route = fileContent.path as string): Route['call'] =>
    async (project, { key, query = 'path=a.txt' } = {}) => {
      const filled = route.replace('{project}', project).replace('{execution}', 'noexecution').replace('{sha256}', digest);
      const path = `${apiPrefix}${filled}?${query}`;
      const response = await gateway.fetch(path, { method, ...(key && { key }), ...(method === 'PUT' && { body: 'x' }) });
      return answerOf(response.status, await response.json().catch(() => null));
    };

  const channels: Route['call'] = async (project, { key, query = '' } = {}) => {
    const path = kernelChannels.path.replace('{project}', project).replace('{kernel}', 'nokernel');
    const socket = openSocket(gateway.url, `${apiPrefix}${path}?${query}`, { protocol: kernelSocketProtocol, ...(key && { key }) });
    const error = await opened(socket).then(
      () => assert.fail('a kernel that is not there was reached'),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof Refused, String(error));
    return answerOf(error.status, error.data);
  };

  const answerOf = (status: number, body: { code?: string; fields?: { field: string }[] } | null) => ({
    status,
    code: body?.code ?? null,
    ...(body?.fields && { field: body.fields.map(({ field }) => field).join() }),
  });

  const routes: Route[] = [
    { name: 'reading a file', access: fileContent.read, call: content('GET') },
    { name: 'writing a file', access: fileContent.write, call: content('PUT') },
    { name: "sending a snapshot's content", access: snapshotBlob.write, call: content('PUT', snapshotBlob.path) },
    { name: "reading an execution's result", access: executionResult.read, call: content('GET', executionResult.path) },
    { name: 'reading a file as Git has it', access: gitContent.read, call: content('GET', gitContent.path) },
    { name: "a kernel's messages", access: kernelChannels.read, call: channels },
  ];

  for (const { name, access, call } of routes) {
    it(`${name} needs a key`, async () => {
      assert.deepEqual(await call('mine'), { status: 401, code: 'no-key' });
      assert.deepEqual(await call('mine', { key: 'bine_nonsense' }), { status: 401, code: 'bad-key' });
    });
    it(`${name} needs the scope ${access.scope}`, async () => {
      const key = await gateway.keyWithout(access.scope as Scope, keys.owner);
      assert.deepEqual(await call('mine', { key }), { status: 403, code: 'missing-scope' });
    });
    it(`${name} says nothing of a stranger's project`, async () => {
      for (const project of ['theirs', 'nowhere']) {
        assert.deepEqual(await call(project, { key: keys.owner }), { status: 404, code: 'not-found' });
      }
    });
    it(`${name} names a parameter that it does not know`, async () => {
      const known = name.startsWith('reading') || name.startsWith('writing') ? 'path=a.txt&' : '';
      assert.deepEqual(await call('mine', { key: keys.owner, query: `${known}surprise=1` }), {
        status: 422,
        code: 'invalid',
        field: 'surprise',
      });
    });
  }

  it('writing a file is not for viewers', async () => {
    assert.deepEqual(await content('PUT')('mine', { key: keys.viewer }), { status: 403, code: 'missing-role' });
  });
  it("a kernel's messages have a number to begin after", async () => {
    assert.deepEqual(await channels('mine', { key: keys.owner, query: 'since=x' }), { status: 422, code: 'invalid', field: 'since' });
  });
  it('what is written by one is read by another', async () => {
    assert.equal((await content('PUT')('mine', { key: keys.owner })).status, 200);
    const path = `${apiPrefix}${fileContent.path.replace('{project}', 'mine')}?path=a.txt`;
    assert.equal(await (await gateway.fetch(path, { key: keys.viewer })).text(), 'x');
  });
});
