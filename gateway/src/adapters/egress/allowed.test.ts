import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isInternal, isListed } from '../../lib/addresses.ts';
import { allowancesOf, parseAllowance, resolveAllowances } from './allowed.ts';

/** The same numbers each time. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const spellings = (first: number, second: number, third: number, fourth: number): string[] => {
  const dotted = `${first}.${second}.${third}.${fourth}`;
  const [high, low] = [(first << 8) | second, (third << 8) | fourth].map((part) => part.toString(16)) as [string, string];
  return [
    dotted,
    `::ffff:${dotted}`,
    `::ffff:${high}:${low}`,
    `::FFFF:${dotted}`,
    `0:0:0:0:0:ffff:${high}:${low}`,
    `::${dotted}`,
    `64:ff9b::${dotted}`,
    `2002:${high}:${low}::1`,
  ];
};

describe('an address', () => {
  it('of this machine or a private network is known in every spelling', () => {
    const next = numbers(7);
    const byte = () => next(256);
    for (let count = 0; count < 2000; count++) {
      for (const [first, second] of [
        [10, byte()],
        [127, byte()],
        [0, byte()],
        [172, 16 + next(16)],
        [192, 168],
        [169, 254],
        [100, 64 + next(64)],
        [198, 18 + next(2)],
        [224 + next(32), byte()],
      ] as const)
        for (const address of spellings(first, second, byte(), byte())) assert.ok(isInternal(address), address);
    }
    for (const address of [
      '::',
      '::1',
      'fe80::1',
      'fe80::1%eth0',
      'febf::1',
      'fc00::1',
      'fdff::1',
      'ff02::1',
      'fec0::1',
      '::ffff:0:7f00:1',
      'localhost',
      '',
      '1.2.3',
    ])
      assert.ok(isInternal(address), address);
  });

  it('of a server on the internet is none of them', () => {
    const next = numbers(8);
    for (let count = 0; count < 2000; count++) {
      const first = [1, 8, 9, 11, 99, 101, 126, 128, 140, 171, 173, 191, 193, 223][next(14)]!;
      const [dotted, mapped] = spellings(first, next(256), next(256), next(256));
      assert.ok(!isInternal(dotted!), dotted);
      assert.ok(!isInternal(mapped!), mapped);
    }
    for (const address of ['172.15.255.255', '172.32.0.1', '100.63.0.1', '100.128.0.1', '169.253.0.1', '2606:4700::1111', '2a00:1450::1'])
      assert.ok(!isInternal(address), address);
  });
});

describe('what is allowed', () => {
  for (const [given, host, prefix, port] of [
    ['10.1.2.3', '10.1.2.3', null, null],
    ['10.1.0.0/16', '10.1.0.0', 16, null],
    ['10.1.0.0/16:443', '10.1.0.0', 16, 443],
    ['git.example.org', 'git.example.org', null, null],
    ['git.example.org:8443', 'git.example.org', null, 8443],
    ['fd00::1', 'fd00::1', null, null],
    ['fd00::/8', 'fd00::', 8, null],
    ['[fd00::1]:443', 'fd00::1', null, 443],
  ] as const) {
    it(`may be ${given}`, () => assert.deepEqual(parseAllowance(given), { host, prefix, port }));
  }

  for (const given of [
    '',
    ' ',
    '10.0.0.0/33',
    '10.0.0.1:0',
    '10.0.0.1:70000',
    '10.0.0.1:x',
    'host/8',
    'a b',
    '2130706433',
    '0x7f.1',
    '10.1',
    'http://host',
    '[fd00::1',
    'fd00::/129',
    '-x',
    'a_b',
  ])
    it(`is not ${JSON.stringify(given)}, and it is said why`, () =>
      assert.throws(() => parseAllowance(given), /must be an address, a network.*--allow-egress/));

  it('is an address and a port, or all ports of a network', async () => {
    const leftOut: string[] = [];
    const given = ['10.1.0.0/16', '192.168.0.5:443', 'localhost:80', 'no.such.name.invalid'].map(parseAllowance);
    const targets = await resolveAllowances(given, (host, { code }) => leftOut.push(`${host} ${typeof code}`));
    assert.deepEqual(leftOut, ['no.such.name.invalid string']);
    assert.ok(isListed(targets, '10.1.255.255', 1));
    assert.ok(isListed(targets, '::ffff:10.1.2.3', 1));
    assert.ok(!isListed(targets, '10.2.0.0', 1));
    assert.ok(isListed(targets, '192.168.0.5', 443));
    assert.ok(!isListed(targets, '192.168.0.5', 80));
    assert.ok(isListed(targets, '127.0.0.1', 80));
  });

  it('are the servers that uv, pip and curl are told of', () => {
    const told = [
      'https://pip.example/simple/',
      'corp=http://10.0.0.8:3141/simple https://user:word@other.example',
      'proxy.example:3128',
      '',
      'socks5h://10.0.0.9',
    ];
    const hosts = allowancesOf(told).map(({ host, port }) => `${host}:${port}`);
    assert.deepEqual(hosts, ['pip.example:443', '10.0.0.8:3141', 'other.example:443', 'proxy.example:3128', '10.0.0.9:1080']);
  });
});
