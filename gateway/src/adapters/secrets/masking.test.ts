import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import vectors from '../../../../test/vectors/masking.json' with { type: 'json' };
import { createMasker } from './masking.ts';

const token = `t'k+"<é>&/ =`;
const key = '-----BEGIN-----\nabcdef+ghijkl/\nmnopqrstuvwx==\n';
const { text, has } = createMasker([Buffer.from(token), Buffer.from(key)]);

/** Each on a line, as Python's own libraries write it. */
const writes = `
import base64, html, json, sys
from urllib.parse import quote, quote_plus
token = sys.argv[1]
for form in (token, json.dumps(token), json.dumps(token, ensure_ascii=False), repr(token), quote(token), quote(token, safe=""),
             quote_plus(token), html.escape(token), html.escape(token, quote=False), base64.b64encode(token.encode()).decode(),
             base64.urlsafe_b64encode(token.encode()).decode()):
    print(form)
`;

describe('what a build says', () => {
  it('has asterisks for a secret, however Python writes it', () => {
    const lines = execFileSync('python3', ['-X', 'utf8', '-c', writes, token], { encoding: 'utf8' }).trimEnd().split('\n');
    assert.equal(lines.length, 11);
    for (const line of lines) assert.match(text(line), /^["']?\*\*\*["']?$/, line);
  });
  it('has them for a secret within base64, and for the lines of a key', () => {
    for (const before of ['', 'u:', 'user:', 'user12:']) {
      const line = text(Buffer.from(`${before}${token}`).toString('base64'));
      assert.match(line, /\*\*\*/);
      assert.ok(line.length < 20, line);
    }
    assert.equal(text('key: mnopqrstuvwx=='), 'key: ***');
    assert.equal(text(`a ${token}${token} b`), 'a *** b');
  });
  it('has them for hexadecimal digits, and for the passwords and keys in a secret that is JSON, variables or a URL', () => {
    const account = JSON.stringify({ type: 'service_account', private_key: key, nested: [{ apiKey: 'k-93jd82' }] });
    const variables = "REGION=north-1\nexport DB_PASSWORD='hunter22'\n";
    const masker = createMasker([account, variables, 'postgres://app:p%40ss-w0rd@db/churn'].map((value) => Buffer.from(value)));
    assert.equal(masker.text('a k-93jd82 mnopqrstuvwx== hunter22 p%40ss-w0rd p@ss-w0rd b'), 'a *** *** *** *** *** b');
    assert.equal(masker.text('service_account north-1'), 'service_account north-1');
    for (const hex of [Buffer.from(token).toString('hex'), Buffer.from(token).toString('hex').toUpperCase()])
      assert.equal(text(`a ${hex} b`), 'a *** b');
  });
  it('has them for secrets of every such format that are taken out, and encoded in turn', () => {
    assert.ok(vectors.taken.length > 10);
    for (const { secret, printed } of vectors.taken) {
      const masker = createMasker([Buffer.from(secret)]);
      assert.equal(masker.text(`a ${printed} b`), 'a *** b');
      assert.equal(masker.text(Buffer.from(printed).toString('base64')), '***');
      assert.equal(masker.text(Buffer.from(printed).toString('hex')), '***');
    }
  });
  it('has what names no secret in such a secret, however deeply it is nested or long', () => {
    const credentials = { type: 'service_account', token_uri: 'https://oauth2.example.org/token', username: 'churner', author: 'somebody' };
    const deep = `${'['.repeat(30_000)}${']'.repeat(30_000)}`;
    const masker = createMasker([JSON.stringify({ credentials }), deep, 'key='.repeat(15_000)].map((value) => Buffer.from(value)));
    const plain = 'service_account https://oauth2.example.org/token churner';
    assert.equal(masker.text(plain), plain);
  });
  it('stays as it is otherwise', () => {
    assert.equal(text('Resolved 3 packages'), 'Resolved 3 packages');
    assert.equal(has('seaborn'), false);
    assert.equal(createMasker([Buffer.from('short'), Buffer.alloc(0)]).text('short'), 'short');
  });
});
