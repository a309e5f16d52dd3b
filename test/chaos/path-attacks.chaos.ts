/**
 * Every way to make the gateway touch what is not the project's, tried over its real API, with what a program in a kernel can
 * plant: refused by an error that says the path and why, or proven harmless.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { apiPrefix } from '@bine/shared';
import { problems, type ProblemBody, type ProblemCode } from '@bine/shared/problems';
import { startGateway, type TestGateway } from '../vscode/gateway.ts';
import { openKernel, outputOf, request, run, startKernel } from './kernel-client.ts';

const project = 'attacked';
const secret = 'what nobody may read';

type Answer = { status: number; text: string };
type Call = (method: string, path: string, body?: unknown) => Promise<Answer>;

const query = (path: string): string => new URLSearchParams({ path }).toString();

/** What can be done with a path; `ordinary` is a file that is there. */
const operations = {
  read: (call: Call, path: string) => call('GET', `files/content?${query(path)}`),
  write: (call: Call, path: string) => call('PUT', `files/content?${query(path)}`, 'changed'),
  list: (call: Call, path: string) => call('GET', `files?${query(path)}`),
  describe: (call: Call, path: string) => call('GET', `files/stat?${query(path)}`),
  'make a folder': (call: Call, path: string) => call('POST', 'files/folders', { path }),
  'move away': (call: Call, path: string) => call('POST', 'files/rename', { from: path, to: 'stolen' }),
  'move there': (call: Call, path: string) => call('POST', 'files/rename', { from: 'ordinary', to: path, overwrite: true }),
  copy: (call: Call, path: string) => call('POST', 'files/copy', { from: path, to: 'stolen' }),
  'copy there': (call: Call, path: string) => call('POST', 'files/copy', { from: 'ordinary', to: path, overwrite: true }),
  delete: (call: Call, path: string) => call('POST', 'files/delete', { path }),
} as const;
type Operation = keyof typeof operations;

const all = Object.keys(operations) as Operation[];
const through: Operation[] = ['read', 'write', 'list', 'make a folder'];
const copying: Operation[] = ['read', 'write', 'move away', 'copy'];
const swapped: Operation[] = ['write', 'read', 'describe', 'list', 'copy there', 'delete'];
const swapRounds = 100;

type Attack = { what: string; path: string; refused: Operation[]; code: ProblemCode; why: RegExp };

const attacks: Attack[] = [
  { what: 'dots', path: '../../admin.key', refused: all, code: 'path-refused', why: /"\.\."/ },
  { what: 'dots in the middle', path: 'real/../../x', refused: all, code: 'path-refused', why: /"\.\."/ },
  { what: 'a dot', path: 'real/./ordinary', refused: all, code: 'invalid', why: /the name "\."/ },
  { what: 'an absolute path', path: '/etc/passwd', refused: all, code: 'path-refused', why: /absolute/ },
  { what: 'two slashes', path: 'real//etc/passwd', refused: all, code: 'invalid', why: /empty name/ },
  { what: 'encoded dots', path: '%2e%2e/%2e%2e/admin.key', refused: all, code: 'path-refused', why: /percent-encoded/ },
  { what: 'slashes encoded twice', path: '..%252f..%252fadmin.key', refused: all, code: 'path-refused', why: /percent-encoded/ },
  { what: 'an encoded absolute path', path: '%2Fetc%2Fpasswd', refused: all, code: 'path-refused', why: /percent-encoded/ },
  { what: 'backslashes', path: '..\\..\\admin.key', refused: all, code: 'invalid', why: /backslash/ },
  { what: 'a name with a line break', path: 'real/a\nb', refused: all, code: 'invalid', why: /line break/ },
  { what: 'a name with a carriage return', path: 'real/a\rb', refused: all, code: 'invalid', why: /line break/ },
  { what: 'a name with a terminal command', path: 'real/\u001b[2J', refused: all, code: 'invalid', why: /control character/ },
  { what: 'a NUL', path: 'ordinary\0.csv', refused: all, code: 'invalid', why: /NUL/ },
  { what: 'a way through a link out', path: 'folder-link/secret.txt', refused: all, code: 'path-refused', why: /leads out/ },
  { what: 'a new name behind a link out', path: 'folder-link/new', refused: all, code: 'path-refused', why: /leads out/ },
  { what: 'a way through /proc', path: 'real/root-link/etc/passwd', refused: all, code: 'path-refused', why: /leads out/ },
  { what: "a link to the gateway's key", path: 'key-link', refused: through, code: 'path-refused', why: /leads out/ },
  { what: 'a link to a file outside', path: 'file-link', refused: through, code: 'path-refused', why: /leads out/ },
  { what: 'a link to a folder outside', path: 'folder-link', refused: through, code: 'path-refused', why: /leads out/ },
  { what: 'a link to where nothing is yet', path: 'new-link', refused: through, code: 'path-refused', why: /leads out/ },
  { what: 'a link to itself', path: 'loop-link', refused: through, code: 'path-refused', why: /circle/ },
  { what: 'a pipe', path: 'pipe', refused: copying, code: 'path-refused', why: /a pipe/ },
  { what: 'a socket', path: 'socket', refused: copying, code: 'path-refused', why: /a socket/ },
  { what: 'a device', path: 'device', refused: copying, code: 'path-refused', why: /a device/ },
];

describe('a path that is an attack', () => {
  let gateway: TestGateway;
  let kernel: string;
  let outside: string;

  const call: Call = async (method, path, body) => {
    const response = await fetch(`${gateway.url}${apiPrefix}/projects/${project}/${path}`, {
      method,
      headers: { authorization: `Bearer ${gateway.key}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { status: response.status, text: await response.text() };
  };

  async function assertUntouched(): Promise<void> {
    assert.deepEqual(await readdir(outside), ['secret.txt']);
    assert.equal(await readFile(join(outside, 'secret.txt'), 'utf8'), secret);
  }

  before(async () => {
    outside = await mkdtemp(join(tmpdir(), 'bine-outside-'));
    await writeFile(join(outside, 'secret.txt'), secret);
    gateway = await startGateway();
    await gateway.api.projects.create({ name: project });
    kernel = await startKernel(gateway, project);
    await using socket = await openKernel(gateway, { project, kernel });
    const planted = await run(
      socket,
      `import os, pathlib, socket
outside = ${JSON.stringify(outside)}
for name, target in {
    "file-link": f"{outside}/secret.txt", "folder-link": outside, "new-link": f"{outside}/new",
    "key-link": "../../../admin.key", "loop-link": "loop-link",
}.items():
    os.symlink(target, name)
os.mkdir("real")
os.symlink("/proc/self/root", "real/root-link")
os.mkfifo("pipe")
listener = socket.socket(socket.AF_UNIX)
listener.bind("socket")
pathlib.Path("ordinary").write_text("fine")
try:
    os.mknod("device", 0o20666, os.makedev(1, 5))
except PermissionError:
    print("no devices from here")`,
    );
    assert.equal(planted.text, 'no devices from here\n');
    // What a kernel can't make, somebody else may have.
    const [id] = await readdir(join(gateway.home, 'projects'));
    await promisify(execFile)('mknod', ['-m', '666', join(gateway.home, 'projects', id!, 'files/device'), 'c', '1', '5']);
  });
  after(async () => {
    await gateway[Symbol.asyncDispose]();
    await rm(outside, { recursive: true });
  });

  for (const { what, path, refused, code, why } of attacks) {
    it(`is refused: ${what} (${JSON.stringify(path)})`, async () => {
      for (const operation of refused) {
        const { status, text } = await operations[operation](call, path);
        const problem = JSON.parse(text) as ProblemBody;
        assert.deepEqual([status, problem.code], [problems[code].status, code], `${operation}: ${text}`);
        assert.match(problem.detail, why, operation);
        assert.ok(!text.includes(gateway.home), `${operation}: the gateway keeps its own paths to itself`);
      }
      assert.equal((await operations.describe(call, 'stolen')).status, 404);
      await assertUntouched();
    });
  }

  for (const path of ['file-link', 'folder-link', 'key-link', 'new-link']) {
    it(`is harmless as the link that it is: ${path} is described, copied, renamed and deleted, never followed`, async () => {
      assert.equal((await gateway.api.files.stat({ project, path })).type, 'symlink');
      for (const to of ['copied', 'renamed'] as const) {
        const operation = to === 'copied' ? gateway.api.files.copy : gateway.api.files.rename;
        assert.equal((await operation({ project, from: path, to })).type, 'symlink');
        assert.equal(JSON.parse((await operations.read(call, to)).text).code, 'path-refused');
        await gateway.api.files.delete({ project, path: to, forever: true });
        assert.equal((await operations.describe(call, to)).status, 404);
      }
      await assertUntouched();
    });
  }

  it('is refused or harmless while a program swaps what stands there, in the middle of every call', async () => {
    await using socket = await openKernel(gateway, { project, kernel });
    const swapping = request(
      `import os, pathlib
os.mkdir("spot")
pathlib.Path("spot/secret.txt").write_text("inside")
os.symlink(outside, "link")
print("swapping", flush=True)
while not os.path.exists("stop"):
    for one, other in ("spot", "aside"), ("link", "spot"), ("spot", "link"), ("aside", "spot"):
        try:
            os.rename(one, other)
        except OSError:
            # The gateway has taken it, or made something of its own there.
            pass
os.unlink("link")`,
    );
    socket.send(swapping);
    const output = outputOf(socket, swapping.header.msg_id);
    for (let said = ''; said !== 'stream'; said = (await output.next()).value!.header.msg_type);
    const outcomes = new Map<number, number>();
    for (let round = 0; round < swapRounds; round++) {
      for (const operation of swapped) {
        const { status, text } = await operations[operation](call, 'spot/secret.txt');
        outcomes.set(status, (outcomes.get(status) ?? 0) + 1);
        assert.ok(!text.includes(secret), operation);
        assert.ok(status < 500, `${operation}: ${text}`);
      }
    }
    await assertUntouched();
    assert.ok(outcomes.get(200)! > 0 && outcomes.get(403)! > 0, 'calls met both the folder and the link');
    await operations.write(call, 'stop');
    for await (const _ of output);
  });
});
