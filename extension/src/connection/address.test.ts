import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addressLabel, addressProblem, isLocal, normaliseAddress, socketAddress } from './address.ts';

describe('the address of a gateway', () => {
  const same: [typed: string, kept: string][] = [
    ['http://127.0.0.1:7878', 'http://127.0.0.1:7878'],
    ['http://127.0.0.1:7878/', 'http://127.0.0.1:7878'],
    ['  127.0.0.1:7878 ', 'http://127.0.0.1:7878'],
    ['ml.example.org', 'http://ml.example.org'],
    ['https://ML.example.org:443/bine/', 'https://ml.example.org/bine'],
    ['http://[::1]:7878', 'http://[::1]:7878'],
  ];
  for (const [typed, kept] of same) it(`"${typed}" is kept as ${kept}`, () => assert.equal(normaliseAddress(typed), kept));

  const refused: [typed: string, why: RegExp][] = [
    ['', /Type the address/],
    ['ftp://x', /http:\/\/ or https:\/\//],
    ['http://', /not an address/],
    ['http://a b', /not an address/],
    ['http://me:secret@x', /name and password/],
  ];
  for (const [typed, why] of refused) it(`"${typed}" is refused while it is typed`, () => assert.match(addressProblem(typed) ?? '', why));

  for (const [typed] of same) it(`"${typed}" is accepted`, () => assert.equal(addressProblem(typed), undefined));

  it('leads to its WebSocket', () => {
    assert.equal(socketAddress('http://x:1'), 'ws://x:1');
    assert.equal(socketAddress('https://x/bine'), 'wss://x/bine');
  });

  it('is shown as its host, unless it is this machine', () => {
    assert.equal(addressLabel('https://ml.example.org:8443/bine'), 'ml.example.org:8443');
    assert.ok(isLocal('http://127.0.0.1:7878') && isLocal('http://localhost:1') && isLocal('http://[::1]:1'));
    assert.ok(!isLocal('http://ml.example.org'));
  });
});
