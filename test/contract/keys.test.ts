/** Keys that make, see and end other keys; users that go; and what is left of both. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Event, Scope } from '@bine/shared';
import type { Client } from './gateway.ts';
import { gatewayOfSuite } from './suite.ts';

const refusedWith = (code: string) => (error: { data: { code: string } }) => error.data.code === code;

describe('a key', async () => {
  const { gateway, admin } = await gatewayOfSuite();

  async function make(from: Client, more: { scopes?: Scope[]; days?: number; user?: string } = {}) {
    const { key, secret } = await from.access.createKey({ name: 'made', ...more });
    return { ...key, client: await gateway.connect(secret), secret };
  }

  it('lives no longer than the one that made it', async () => {
    const short = await make(admin, { days: 1 });
    const child = await make(short.client, { days: 3650 });
    assert.equal(child.expires, short.expires);
    assert.equal(child.parent, short.id);
  });

  it('ends with the one that made it, and so do its own', async () => {
    const one = await make(admin);
    const two = await make(one.client);
    const three = await make(two.client);
    const { revoked } = await admin.access.revokeKey({ key: one.id });
    assert.deepEqual(revoked.toSorted(), [one.id, two.id, three.id].toSorted());
    for (const { secret } of [one, two, three]) assert.equal((await gateway.fetch('/api/v1/me', { key: secret })).status, 401);
  });

  it('neither sees nor ends one that may do more, lives longer, or made it', async () => {
    const narrow = await make(admin, { scopes: ['keys:read', 'keys:write', 'files:read'] });
    const wide = await make(admin, { scopes: ['keys:read', 'files:write'] });
    const short = await make(admin, { days: 2 });
    const child = await make(narrow.client);
    const seen = (await narrow.client.access.listKeys({})).map(({ id }) => id);
    assert.ok(seen.includes(narrow.id) && seen.includes(child.id));
    assert.ok(!seen.includes(wide.id));
    await assert.rejects(narrow.client.access.revokeKey({ key: wide.id }), refusedWith('missing-scope'));
    await assert.rejects(narrow.client.access.updateKey({ key: wide.id, name: 'x' }), refusedWith('missing-scope'));
    await assert.rejects(child.client.access.revokeKey({ key: narrow.id }), refusedWith('missing-scope'));
    await assert.rejects(short.client.access.revokeKey({ key: wide.id }), refusedWith('missing-scope'));
    assert.deepEqual(await narrow.client.access.revokeKey({ key: child.id }), { revoked: [child.id] });
  });

  it('that loses a scope takes it from those that it made', async () => {
    const one = await make(admin, { scopes: ['keys:read', 'keys:write', 'files:read'] });
    const two = await make(one.client);
    await admin.access.updateKey({ key: one.id, scopes: ['keys:read', 'keys:write'] });
    assert.deepEqual((await two.client.access.me({})).key.scopes, ['keys:read', 'keys:write']);
    await assert.rejects(admin.access.updateKey({ key: one.id, scopes: ['files:write'] }), refusedWith('conflict'));
  });

  it('does not get back what it lost by changes at the same moment', async () => {
    const one = await make(admin, { scopes: ['files:read', 'files:write', 'jobs:read'] });
    const changes = [['files:read', 'jobs:read'], ['files:write']] as Scope[][];
    const outcomes = await Promise.allSettled(changes.map((scopes) => admin.access.updateKey({ key: one.id, scopes })));
    assert.ok(outcomes.some(({ status }) => status === 'fulfilled'));
    const left = (await admin.access.listKeys({})).find(({ id }) => id === one.id)!.scopes;
    // The second may have come late enough to be told that there is nothing to keep of what it names.
    const kept = changes
      .filter((_, at) => outcomes[at]!.status === 'fulfilled')
      .reduce((all, some) => all.filter((scope) => some.includes(scope)));
    assert.deepEqual(left, kept);
  });

  it('is not made for a user who is disabled, and an enabled one needs a new one', async () => {
    await admin.access.createUser({ name: 'dora' });
    const hers = await make(admin, { user: 'dora' });
    assert.equal((await admin.access.updateUser({ name: 'dora', disabled: true })).disabled, true);
    await assert.rejects(admin.access.createKey({ name: 'x', user: 'dora' }), refusedWith('conflict'));
    await admin.access.updateUser({ name: 'dora', disabled: false });
    assert.equal((await gateway.fetch('/api/v1/me', { key: hers.secret })).status, 401);
    assert.equal((await (await make(admin, { user: 'dora' })).client.access.me({})).user.name, 'dora');
  });

  it('of the last administrator stays', async () => {
    for (const change of [{ disabled: true }, { admin: false }]) {
      await assert.rejects(admin.access.updateUser({ name: 'admin', ...change }), refusedWith('conflict'));
    }
  });

  it('of somebody who is no administrator any more administers nothing', async () => {
    await admin.access.createUser({ name: 'otto', admin: true });
    const his = await make(admin, { user: 'otto' });
    await his.client.access.listKeys({});
    await admin.access.updateUser({ name: 'otto', admin: false });
    await assert.rejects(his.client.access.createUser({ name: 'more' }), refusedWith('missing-role'));
  });

  for (const [when, end] of [
    ['deleted', (user: string) => admin.access.deleteUser({ name: user })],
    ['disabled', (user: string) => admin.access.updateUser({ name: user, disabled: true })],
    ['removed from the project', (user: string) => admin.projects.removeMember({ project: `of-${user}`, user })],
    ['made a viewer', (user: string) => admin.projects.setMember({ project: `of-${user}`, user, role: 'viewer' })],
  ] as const) {
    it(`whose user is ${when} executes nothing by schedule, until somebody takes that over`, async () => {
      const user = `sam-${when.split(' ')[0]}`;
      const project = `of-${user}`;
      await admin.access.createUser({ name: user });
      await admin.projects.create({ name: project });
      await admin.projects.setMember({ project, user, role: 'data-scientist' });
      const { client } = await make(admin, { user });
      await client.jobs.put({ project, job: 'train', path: 'train.py', environment: 'python-training' });
      const { id } = await client.schedules.create({ project, job: 'train', cron: '0 6 * * *' });
      await end(user);
      const [paused] = await admin.schedules.list({ project });
      assert.equal(paused!.paused, true);
      assert.match(paused!.pauseReason!, new RegExp(user));
      const resumed = await admin.schedules.update({ project, schedule: id, paused: false });
      assert.deepEqual([resumed.paused, resumed.pauseReason, resumed.user, resumed.next.length], [false, null, 'admin', 5]);
    });
  }

  it('is told of what its scopes and role cover, and of nothing else', async () => {
    await admin.access.createUser({ name: 'vera' });
    await admin.projects.create({ name: 'watched' });
    await admin.projects.setMember({ project: 'watched', user: 'vera', role: 'viewer' });
    const variables = { TOKEN: 'not-for-viewers' };
    await admin.jobs.put({ project: 'watched', job: 'train', path: 'train.py', environment: 'python-training', variables });
    await admin.projects.update({ project: 'watched', description: 'last' });
    const told = async (scopes: Scope[], user: string) => {
      const { client } = await make(admin, { user, scopes });
      const seen: Event[] = [];
      const last = scopes.includes('projects:read') ? 'project.changed' : 'job.changed';
      for await (const event of await client.events.subscribe({ after: 0 })) {
        seen.push(event);
        if (event.project === 'watched' && event.type === last) break;
      }
      return seen;
    };
    const withProjects = await told(['events:read', 'projects:read'], 'vera');
    assert.ok(withProjects.every(({ type }) => /^(project|member)\./.test(type)));
    assert.doesNotMatch(JSON.stringify(withProjects), /TOKEN|not-for-viewers/);
    const withJobs = await told(['events:read', 'jobs:read'], 'vera');
    assert.ok(withJobs.every(({ type }) => type === 'job.changed'));
    assert.match(JSON.stringify(withJobs), /"TOKEN":"\*\*\*"/);
    assert.match(JSON.stringify(await told(['events:read', 'jobs:read'], 'admin')), /not-for-viewers/);
    const { client } = await make(admin, { user: 'vera' });
    assert.deepEqual((await client.jobs.get({ project: 'watched', job: 'train' })).variables, { TOKEN: '***' });
    assert.deepEqual((await client.jobs.list({ project: 'watched' }))[0]!.variables, { TOKEN: '***' });
  });
});
