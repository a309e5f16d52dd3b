import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeRecord, encodeRecord } from './kernel-wire.ts';

const encoder = new TextEncoder();
const header = '{"msg_id":"m","msg_type":"stream","session":"","username":"","date":"","version":"5.3"}';

function decode(content: string | Uint8Array, head = header) {
  const frames = ['iopub', head, '{}', '{}'].map((part) => encoder.encode(part));
  return decodeRecord(encodeRecord(7, 8, [...frames, typeof content === 'string' ? encoder.encode(content) : content]));
}

describe('a record of a kernel', () => {
  it('is read with numbers that JSON does not have', () => {
    assert.deepEqual(decode('{"a":[NaN,-Infinity,1],"b":"NaN \\" Infinity"}').content, { a: [null, null, 1], b: 'NaN " Infinity' });
  });

  it('is empty where it is no JSON, and keeps its place in the log', () => {
    for (const content of ['{"a":', '[1]', '', '7', 'null']) assert.deepEqual(decode(content).content, {});
    const { seq, header: read } = decode('{}', 'nonsense');
    assert.deepEqual([seq, read.msg_id, read.msg_type], [7, '', '']);
  });

  it('is read where it is no UTF-8', () => {
    const bytes = Uint8Array.from([...encoder.encode('{"a":"'), 0x80, ...encoder.encode('"}')]);
    assert.deepEqual(decode(bytes).content, { a: '\ufffd' });
  });
});
