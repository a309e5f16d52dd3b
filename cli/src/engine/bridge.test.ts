import assert from 'node:assert/strict';
import { BlockList } from 'node:net';
import { describe, it } from 'node:test';
import { addressesOf } from './bridge.ts';

describe('the addresses of an engine of our own', () => {
  it('are a pool of 256 networks beside its bridge, for any BINE_HOME', () => {
    for (let n = 0; n < 500; n++) {
      const { bridge, pool } = addressesOf(`/home/${n}`);
      const networks = new BlockList();
      const [base = '', size] = pool.split('/');
      assert.equal(size, '16');
      networks.addSubnet(base, Number(size));
      assert.equal(networks.check(bridge.split('/')[0]!), false, `${bridge} is in ${pool}`);
      assert.match(bridge, /^10\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./);
    }
  });
});
