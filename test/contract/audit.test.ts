/** The audit log: what is in it, what is not, who may read it, and what it survives. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { AuditEntry } from '@bine/shared';
import { apiPrefix } from '@bine/shared';
import { openAuditLog } from '../../gateway/src/adapters/disk/audit-log.ts';
import { createAudit } from '../../gateway/src/domains/audit/audit.ts';
import { Refused, openSocket, opened } from './gateway.ts';
import { gatewayOfSuite } from './suite.ts';

describe('the audit log', async () => {
  const { gateway, admin } = await gatewayOfSuite();

  const brief = ({ user, procedure, subject, outcome }: AuditEntry) => [user, procedure, subject['project'] ?? subject['name'], outcome];

  it('has what was changed and refused, over every face, and not what was only read', async () => {
    const key = await gateway.user('ann');
    const ann = await gateway.connect(key);
    await ann.projects.create({ name: 'a1' });
    await ann.projects.list({});
    await assert.rejects(ann.access.createUser({ name: 'more' }));
    const content = `${apiPrefix}/projects/a1/files/content?path=secret.txt`;
    await gateway.fetch(content, { key, method: 'PUT', body: 'what is in the file' });
    await gateway.fetch(content.replace('a1', 'theirs'), { key });
    await gateway.fetch(`${apiPrefix}/projects/a1`, { key, method: 'DELETE' });
    await assert.rejects(opened(openSocket(gateway.url, `${apiPrefix}/projects/theirs/kernels/k/channels`, { key })), Refused);
    const entries = (await admin.audit.list({ user: 'ann' })).toReversed();
    assert.deepEqual(entries.map(brief), [
      ['ann', 'projects.create', 'a1', 'ok'],
      ['ann', 'access.createUser', 'more', 'missing-role'],
      ['ann', 'files.write', 'a1', 'ok'],
      ['ann', 'files.read', 'theirs', 'not-found'],
      ['ann', 'projects.delete', 'a1', 'ok'],
      ['ann', 'kernels.channels', 'theirs', 'not-found'],
    ]);
    const { key: made } = await ann.access.me({});
    for (const entry of entries) assert.deepEqual([entry.key, entry.address], [{ id: made.id, name: made.name }, '127.0.0.1']);
  });

  it('has sign-ins that failed, but strangers cannot fill it', async () => {
    for (let i = 0; i < 60; i++) await gateway.fetch(`${apiPrefix}/projects`, { key: `bine_${'A'.repeat(43)}` });
    const failed = await admin.audit.list({ outcome: 'bad-key', limit: 1000 });
    assert.ok(failed.length > 0 && failed.length <= 20, `${failed.length}`);
    assert.equal(failed[0]!.procedure, 'sign-in');
  });

  it('counts what is refused to a user beyond the first of each minute, and has all that the user changed', async () => {
    const key = await gateway.user('eager');
    const eager = await gateway.connect(key);
    for (let i = 0; i < 300; i++) await assert.rejects(eager.projects.get({ project: 'theirs' }));
    await eager.projects.create({ name: 'own' });
    const refused = await admin.audit.list({ user: 'eager', outcome: 'refused', limit: 1000 });
    assert.ok(refused.length > 0 && refused.length <= 200, `${refused.length}`);
    assert.equal((await admin.audit.list({ user: 'eager', outcome: 'ok' })).length, 1);
  });

  it('has no secrets and no contents', async () => {
    await admin.git.setCredential({ host: 'git.example.org', token: 'a-planted-token' });
    const { secret } = await admin.access.createKey({ name: 'planted' });
    const folder = join(gateway.home, 'audit');
    for (const name of await readdir(folder)) {
      const text = await readFile(join(folder, name), 'utf8');
      assert.match(text, /git\.setCredential/);
      for (const planted of ['a-planted-token', secret, 'what is in the file', gateway.key]) assert.ok(!text.includes(planted));
      assert.equal((await stat(join(folder, name))).mode & 0o777, 0o600);
    }
  });

  it('is for administrators only, page by page, and can be followed', async () => {
    const eve = await gateway.connect(await gateway.user('eve'));
    await assert.rejects(eve.audit.list({}), (error: { data: { code: string } }) => error.data.code === 'missing-role');
    const all = await admin.audit.list({ limit: 1000 });
    const first = await admin.audit.list({ limit: 2 });
    const second = await admin.audit.list({ limit: 2, before: first[1]!.id });
    assert.deepEqual([...first, ...second], all.slice(0, 4));
    const followed = await admin.audit.follow({ after: all[0]!.id, project: 'followed' });
    const next = followed.next();
    await admin.projects.create({ name: 'other' });
    await admin.projects.create({ name: 'followed' });
    await admin.projects.delete({ project: 'followed' });
    assert.deepEqual(brief((await next).value as AuditEntry), ['admin', 'projects.delete', 'followed', 'ok']);
  });

  it('goes on from start to start, in segments that are kept for a while', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bine-audit-'));
    const onError = (error: unknown) => assert.fail(error as Error);
    const entry = { user: 'ann', key: null, address: null, procedure: 'projects.create', outcome: 'ok' };
    for (let start = 0; start < 3; start++) {
      using log = openAuditLog({ folder, segmentBytes: 2000, keep: { segments: 2, days: 10 } });
      using audit = await createAudit({ log, onError });
      for (let i = 0; i < 20; i++) audit.record({ ...entry, input: { project: `p${i}` } });
    }
    using log = openAuditLog({ folder, segmentBytes: 2000, keep: { segments: 2, days: 10 } });
    using audit = await createAudit({ log, onError });
    const ids = (await audit.list({ limit: 1000 })).map(({ id }) => id);
    assert.equal(ids[0], 60);
    assert.deepEqual(
      ids,
      ids.map((_, index) => 60 - index),
    );
    assert.equal((await readdir(folder)).length, 3);
    await rm(folder, { recursive: true });
  });

  it('counts what a full disk keeps it from writing, and says so when there is room', async () => {
    const lines: string[] = [];
    let full = false;
    const log = {
      append(line: string) {
        if (full) throw Object.assign(new Error('no room'), { code: 'ENOSPC' });
        lines.push(line);
      },
      async *segments() {},
      [Symbol.dispose]() {},
    };
    const errors: unknown[] = [];
    using audit = await createAudit({ log, onError: (error) => errors.push(error) });
    const entry = { user: 'ann', key: null, address: null, procedure: 'projects.create', outcome: 'ok', input: {} };
    audit.record(entry);
    full = true;
    for (let i = 0; i < 5; i++) audit.record(entry);
    full = false;
    audit.record(entry);
    const entries = lines.map((line) => JSON.parse(line) as AuditEntry);
    assert.deepEqual(
      entries.map(({ id, procedure, subject }) => [id, procedure, subject['entries']]),
      [
        [1, 'projects.create', undefined],
        [2, 'audit.dropped', '5'],
        [3, 'projects.create', undefined],
      ],
    );
    assert.equal(errors.length, 1);
  });
});
