/** Every procedure of the contract, over both faces, against what the contract says of who may call it and with what. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { scopes } from '@bine/shared';
import type { Scope } from '@bine/shared';
import { Refused, startGateway } from './gateway.ts';
import type { Client, TestGateway } from './gateway.ts';
import { callRest, callSocket, procedures } from './procedures.ts';
import type { Answer, Input, Procedure } from './procedures.ts';

const table = procedures('mine');
const badKey = `bine_${'A'.repeat(43)}`;

type Face = { name: string; call(procedure: Procedure, key: string): Promise<Answer> };

function refused(answer: Answer, status: number, code: string): NonNullable<Answer['problem']> {
  assert.equal(answer.status, status, JSON.stringify(answer));
  assert.equal(answer.problem?.code, code);
  assert.equal(answer.problem.status, status);
  assert.ok(answer.problem.requestId);
  return answer.problem;
}

const withInput = (procedure: Procedure, more: Input): Procedure => ({ ...procedure, input: { ...procedure.input, ...more } });

describe('the contract', () => {
  let gateway: TestGateway;
  /** Administrator; owner of `mine`; viewer of `mine`. `theirs` belongs to the administrator. */
  const keys = { admin: '', owner: '', viewer: '' };
  const without = new Map<Scope, string>();
  const clients = new Map<string, Promise<Client>>();

  before(async () => {
    gateway = await startGateway();
    Object.assign(keys, { admin: gateway.key, owner: await gateway.user('ann'), viewer: await gateway.user('vic') });
    const [admin, owner] = [await gateway.connect(keys.admin), await gateway.connect(keys.owner)];
    await admin.projects.create({ name: 'theirs' });
    await owner.projects.create({ name: 'mine' });
    await owner.projects.setMember({ project: 'mine', user: 'vic', role: 'viewer' });
    for (const scope of scopes) without.set(scope, await gateway.keyWithout(scope, keys.admin));
  });
  after(() => gateway[Symbol.asyncDispose]());

  const faces: Face[] = [
    { name: 'over REST', call: (procedure, key) => callRest(gateway, procedure, key) },
    {
      name: 'over the socket',
      async call(procedure, key) {
        if (!clients.has(key)) clients.set(key, gateway.connect(key));
        return callSocket(await clients.get(key)!, procedure);
      },
    },
  ];

  describe('over REST', () => {
    for (const procedure of table.filter(({ access }) => access.scope !== null)) {
      it(`${procedure.name} needs a key`, async () => {
        refused(await callRest(gateway, procedure), 401, 'no-key');
      });
      it(`${procedure.name} needs a valid key`, async () => {
        refused(await callRest(gateway, procedure, badKey), 401, 'bad-key');
      });
    }
    for (const procedure of table.filter(({ access }) => access.scope === null)) {
      it(`${procedure.name} needs no key`, async () => {
        assert.equal((await callRest(gateway, procedure)).status, 200);
      });
    }
  });

  describe('over the socket', () => {
    for (const [name, key, code] of [
      ['a key', '', 'no-key'],
      ['a valid key', badKey, 'bad-key'],
    ] as const) {
      it(`nothing is served without ${name}`, async () => {
        await assert.rejects(gateway.connect(key), (error: Refused) => error.status === 401 && error.data.code === code);
      });
    }
  });

  for (const face of faces) {
    describe(face.name, () => {
      for (const procedure of table) {
        const { name, access } = procedure;
        if (access.scope) {
          it(`${name} needs the scope ${access.scope}`, async () => {
            const problem = refused(await face.call(procedure, without.get(access.scope!)!), 403, 'missing-scope');
            assert.match(problem.detail, new RegExp(access.scope!));
          });
        }
        if (access.admin) {
          it(`${name} needs an administrator`, async () => {
            refused(await face.call(procedure, keys.owner), 403, 'missing-role');
          });
        }
        if (access.role) rolesOf(face, procedure);
        inputOf(face, procedure);
      }
    });
  }

  function rolesOf(face: Face, procedure: Procedure): void {
    const { name, access } = procedure;
    it(`${name} says the same of a stranger's project as of one that is not there`, async () => {
      const strangers = refused(await face.call(withInput(procedure, { project: 'theirs' }), keys.owner), 404, 'not-found');
      const missing = refused(await face.call(withInput(procedure, { project: 'nowhere' }), keys.owner), 404, 'not-found');
      assert.equal(strangers.detail, missing.detail.replace('nowhere', 'theirs'));
    });
    if (access.role === 'viewer') return;
    it(`${name} needs the role ${access.role}`, async () => {
      refused(await face.call(procedure, keys.viewer), 403, 'missing-role');
    });
  }

  function inputOf(face: Face, procedure: Procedure): void {
    const { name, badValues } = procedure;
    it(`${name} names a field that it does not know`, async () => {
      const problem = refused(await face.call(withInput(procedure, { surprise: '1' }), keys.admin), 422, 'invalid');
      assert.deepEqual(
        problem.fields?.map(({ field }) => field),
        ['surprise'],
      );
    });
    for (const [field, value] of badValues) {
      it(`${name} names the field ${field} when its value is bad`, async () => {
        const problem = refused(await face.call(withInput(procedure, { [field]: value }), keys.admin), 422, 'invalid');
        assert.deepEqual(
          problem.fields?.map((one) => one.field),
          [field],
        );
      });
    }
  }
});
