import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import manifest from '../package.json' with { type: 'json' };
import { bine } from './host.fixture.ts';
import { table } from './table.ts';
import { isGroup, type Group, type Verb } from './verb.ts';

const namesOf = (name: string, entry: Verb | Group): string[] =>
  isGroup(entry) ? Object.entries(entry.verbs).flatMap(([word, below]) => namesOf(`${name} ${word}`, below)) : [name];
const verbs: string[] = [];
for (const { name, load } of table) verbs.push(...namesOf(name, await load()));

describe('the command line', () => {
  for (const verb of verbs) {
    it(`explains "bine ${verb}" with an example before the options`, async () => {
      const { code, out } = await bine(`${verb} --help`);
      assert.equal(code, 0);
      assert.match(out, /^\S.*\.\n\nExamples:\n {2}bine /);
      assert.ok(out.indexOf('Examples:') < out.indexOf('Usage:'));
      assert.ok(out.includes(`Usage: bine ${verb}`));
    });
  }

  it('lists every verb in its help', async () => {
    const { code, out } = await bine('--help');
    assert.equal(code, 0);
    for (const { name, summary } of table) assert.ok(out.includes(summary), name);
  });

  it('offers what the gateway and the editor name as the ways out of a conflict', () => {
    for (const word of ['continue', 'skip', 'abort']) assert.ok(verbs.includes(`git ${word}`), word);
  });

  it('takes a summary and the options of a verb from the contract', async () => {
    const { out } = await bine('kernel start --help');
    assert.match(out, /Start a kernel/);
    assert.match(out, /--memory <N>\s+Limit in MiB \(default: 2048\)/);
  });

  it('learns its home whatever the environment says to a gateway', async () => {
    const { err } = await bine('project list', {
      BINE_PORT: 'abc',
      BINE_TLS: 'none',
      BINE_MIN_FREE: 'much',
      BINE_URL: 'http://gateway.example',
    });
    assert.match(err, /Put the API key for http:\/\/gateway.example into BINE_KEY/);
  });

  it('says its version', async () => {
    assert.deepEqual(await bine('--version'), { code: 0, out: `${manifest.version}\n`, err: '' });
  });

  const wrong: [string, RegExp][] = [
    ['fly', /unknown command 'fly'/],
    ['statsu', /Did you mean status\?/],
    ['up --port nine', /--port <N>' cannot be "nine". It must be a whole number/],
    ['up --port 99999', /whole number from 0 to 65535/],
    ['up --fast', /unknown option '--fast'/],
    ['run -p churn', /missing required argument 'notebook'/],
    ['run a.ipynb', /required option '-p, --project <project>'/],
    ['test --only nothing', /It must be one of check, unit/],
    ['project create', /missing required argument 'name'/],
    ['project create NAME', /name: use 1 to 63 lower-case letters/],
    ['kernel start python-training -p p --memory lots', /It must be a number/],
    ['kernel start python-training -p p --secret 1x', /It must be NAME, NAME=VARIABLE/],
    ['key create laptop --scopes everything', /It must be one of projects:read/],
    ['job run train.py', /Say in which project with --project/],
    ['job run train.py -p p --var 1x', /It must be NAME=VALUE/],
    ['job schedule add train -p p', /required option '--cron <cron>'/],
    ['cp a b', /One of the two must be in a project/],
    ['env install training -p churn', /Say what: packages such as/],
    ['env rollback training two -p churn', /A revision is a whole number, not "two"/],
    ['env delete training -p churn', /Without a terminal, say so with --yes/],
    ['completion powershell', /bash, zsh, fish/],
    ['git status', /required option '-p, --project <project>'/],
    ['git stage -p churn', /missing required argument 'paths'/],
    ['git commit -p churn', /Say what the commit does with -m/],
    ['git pull -p churn --strategy fast', /It must be one of merge, rebase, fast-forward/],
    ['git discard train.py -p churn', /Undo the changes to train\.py in churn\? Without a terminal, say so with --yes/],
    ['git push --force -p churn', /Without a terminal, say so with --yes/],
    ['git branch delete old --force -p churn', /Without a terminal, say so with --yes/],
    ['git stash drop newest -p churn --yes', /index: .*number/],
    ['git remote set my.remote https://git.example.org/a.git -p churn', /name: use letters, digits, - and _/],
    ['git remote set origin git@git.example.org:a.git -p churn', /url: write an address that begins with https:/],
    ['git identity set Ann ann', /email: /],
    ['project delete churn', /Without a terminal, say so with --yes/],
  ];
  for (const [words, complaint] of wrong) {
    it(`ends "bine ${words}" with 2 and says what is wrong`, async () => {
      const { code, out, err } = await bine(words);
      assert.equal(code, 2);
      assert.equal(out, '');
      assert.match(err, complaint);
      assert.doesNotMatch(err, /\n\s+at /);
    });
  }

  it('says how to start a gateway where none runs', async () => {
    const { code, out, err } = await bine('status');
    assert.equal(code, 1);
    assert.equal(out, '');
    assert.match(err, /^bine: No gateway is running on .*\. Start it with "bine up"\.\n$/);
  });

  it('says so when the gateway does not answer', async () => {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    const { code, err } = await bine('project list', { BINE_URL: `http://127.0.0.1:${port}`, BINE_KEY: 'k' });
    assert.equal(code, 1);
    assert.match(err, new RegExp(`The gateway at http://127.0.0.1:${port} does not answer`));
  });

  it('gives the key of this machine to no other gateway', async () => {
    const { code, err } = await bine('project list', { BINE_URL: 'http://gateway.example' });
    assert.equal(code, 1);
    assert.match(err, /Put the API key for http:\/\/gateway.example into BINE_KEY/);
  });

  it('writes a problem as JSON where JSON is asked for', async () => {
    const { code, err } = await bine('project list --json');
    assert.equal(code, 1);
    const { status, code: problem, detail } = JSON.parse(err) as Record<string, unknown>;
    assert.deepEqual([status, problem, typeof detail], [409, 'conflict', 'string']);
  });
});

describe('a gateway that answers', () => {
  async function answer(status: number, body: unknown, words: string) {
    const seen: { url: string | undefined; authorization: string | undefined }[] = [];
    const server = createServer((request, response) => {
      seen.push({ url: request.url, authorization: request.headers.authorization });
      response
        .writeHead(status, { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' })
        .end(JSON.stringify(body));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    try {
      const { port } = server.address() as AddressInfo;
      return { ...(await bine(words, { BINE_URL: `http://127.0.0.1:${port}`, BINE_KEY: 'secret' })), seen };
    } finally {
      server.close();
      server.closeAllConnections();
    }
  }

  const churn = {
    name: 'churn',
    description: 'Who leaves',
    created: '2026-01-02T03:04:05.678Z',
    deleted: null,
    role: 'owner',
    idleMinutes: 60,
  };

  it('is asked with the key in a header', async () => {
    const { code, seen } = await answer(200, [churn], 'project list');
    assert.equal(code, 0);
    assert.deepEqual(seen, [{ url: '/api/v1/projects', authorization: 'Bearer secret' }]);
  });

  it("is heard as a table, and with --json in the contract's own shape", async () => {
    assert.match((await answer(200, [churn], 'project list')).out, /^NAME {3}ROLE .*\nchurn {2}owner .*Who leaves\n$/);
    assert.deepEqual(JSON.parse((await answer(200, [churn], 'project list --json')).out), [churn]);
  });

  it("has its problem's detail and fields shown", async () => {
    const body = {
      type: '',
      title: '',
      status: 422,
      code: 'invalid',
      detail: 'Some fields are not valid.',
      fields: [{ field: 'name', problem: 'taken' }],
    };
    const { code, err } = await answer(422, body, 'project create churn');
    assert.equal(code, 2);
    assert.equal(err, 'bine: Some fields are not valid.\n  name: taken\n');
  });

  it('is not believed when it answers nonsense', async () => {
    const { code, err } = await answer(502, 'Bad gateway', 'project list');
    assert.equal(code, 1);
    assert.match(err, /answered 502/);
  });
});
