import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createFinder, defaultHome } from './find-gateway.ts';

type Machine = { files: Record<string, string>; setting: string; keys: Record<string, string>; silent: boolean };

const running = { 'gateway.json': '{"url":"http://127.0.0.1:7878/"}', 'admin.key': 'local-key\n' };
const here = 'http://127.0.0.1:7878';

function finderOn(machine: Partial<Machine>) {
  const state: Machine = { files: {}, setting: '', keys: {}, silent: true, ...machine };
  const trusted: string[] = [];
  const finder = createFinder({
    readHome: async (name) => state.files[name] ?? null,
    trust: (certificate) => void trusted.push(certificate),
    setting: () => state.setting,
    storedKey: async (address) => state.keys[address],
    silent: () => state.silent,
  });
  return { ...finder, state, trusted };
}

describe('the gateway that is spoken to', () => {
  const cases: [string, Partial<Machine>, { address: string; key: string } | null][] = [
    ['none where none runs and none is set', {}, null],
    ['the one of this machine, without a question', { files: running }, { address: here, key: 'local-key' }],
    [
      'the one of this machine as somebody else, who signed in',
      { files: running, keys: { [here]: 'adas' } },
      { address: here, key: 'adas' },
    ],
    ['none after a sign-out', { files: running, silent: false }, null],
    [
      'the one that is set, with its own key',
      { files: running, setting: 'http://far/', keys: { 'http://far': 'k' } },
      { address: 'http://far', key: 'k' },
    ],
    ['none when no key for the one that is set is known', { files: running, setting: 'http://far' }, null],
    [
      'the one of this machine when it is the one that is set',
      { files: running, setting: '127.0.0.1:7878' },
      { address: here, key: 'local-key' },
    ],
    ['none while its file is half written', { files: { ...running, 'gateway.json': '{"ur' } }, null],
    ['none while it has no key yet', { files: { 'gateway.json': running['gateway.json'] } }, null],
  ];
  it('brings along what is to be trusted, from the folder of this machine', async () => {
    const files = {
      'gateway.json': '{"url":"https://127.0.0.1:7878","certificate":"certificate.pem"}',
      'admin.key': 'k',
      'certificate.pem': 'PEM',
    };
    const finder = finderOn({ files });
    assert.deepEqual(await finder.find(), { address: 'https://127.0.0.1:7878', key: 'k' });
    assert.deepEqual(finder.trusted, ['PEM']);
  });
  for (const [name, machine, expected] of cases) it(`is ${name}`, async () => assert.deepEqual(await finderOn(machine).find(), expected));

  it('is still the same while it restarts and its file is away', async () => {
    const { find, state } = finderOn({ files: running });
    await find();
    state.files = {};
    assert.deepEqual(await find(), { address: here, key: 'local-key' });
  });

  it('is found where it came back', async () => {
    const { find, state } = finderOn({ files: running });
    await find();
    state.files = { ...running, 'gateway.json': '{"url":"http://127.0.0.1:9999"}' };
    assert.equal((await find())?.address, 'http://127.0.0.1:9999');
  });
});

describe('the home of the gateway', () => {
  const cases: [Record<string, string>, string | null][] = [
    [{ BINE_HOME: '/b', XDG_DATA_HOME: '/x', HOME: '/h' }, '/b'],
    [{ XDG_DATA_HOME: '/x', HOME: '/h' }, '/x/bine'],
    [{ HOME: '/h' }, '/h/.local/share/bine'],
    [{}, null],
  ];
  for (const [env, home] of cases) it(`is ${home} for ${JSON.stringify(env)}`, () => assert.equal(defaultHome(env), home));
});
