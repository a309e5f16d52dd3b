import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import type { SnapshotEntry } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { Jobs } from './jobs.ts';
import { job, said, startJobsWorld } from './world.fixture.ts';

const by = 'ann';
const never = new AbortController().signal;
const sha256 = (content: Uint8Array | string) => createHash('sha256').update(content).digest('hex');

async function* bytes(...content: (Uint8Array | string)[]): AsyncGenerator<Uint8Array> {
  for (const part of content) yield Buffer.from(part);
}

type File = { content: string | Uint8Array; mode?: number };

/** As a client sends them: the manifest, then what is missing. @returns the snapshot, and how many contents travelled */
async function send(jobs: Jobs, files: Record<string, File>, folders: Record<string, number> = {}) {
  const entries: SnapshotEntry[] = [
    ...Object.entries(folders).map(([path, mode]) => ({ type: 'directory' as const, path, mode })),
    ...Object.entries(files).map(([path, { content, mode = 0o644 }]) => {
      return { type: 'file' as const, path, mode, sha256: sha256(content), size: Buffer.from(content).length };
    }),
  ];
  const manifest = JSON.stringify({ version: 1, entries });
  const contents = new Map([manifest, ...Object.values(files).map(({ content }) => content)].map((content) => [sha256(content), content]));
  for (let sent = 0; ;) {
    const { snapshot, missing } = await jobs.snapshots.create('p', sha256(manifest));
    if (snapshot) return { snapshot, sent };
    for (const digest of missing) {
      await jobs.snapshots.putBlob('p', digest, { body: bytes(contents.get(digest)!), signal: never });
      sent += 1;
    }
  }
}

describe('an execution on a snapshot', { timeout: 300_000 }, () => {
  it('runs on exactly the files that were sent, with the project still mounted, and can be run again exactly', async (t) => {
    const { start, write, ended, home, project } = await startJobsWorld(t);
    const { jobs, stop } = await start();
    await write('main.py', "raise SystemExit('the file of the project ran')");
    await write('data.txt', 'from the project');
    const show = `import hashlib, os, stat
print(os.getcwd(), sorted(os.listdir('.')), open('/project/data.txt').read())
print(hashlib.sha256(open('deep/x.bin', 'rb').read()).hexdigest(), oct(stat.S_IMODE(os.stat('run.sh').st_mode)), os.listdir('empty'))
open('deep/x.bin', 'w').write('changed'); os.remove('run.sh')
`;
    const binary = Uint8Array.from({ length: 70_000 }, (_, i) => (i * 7) % 256);
    const files = { 'main.py': { content: show }, 'deep/x.bin': { content: binary }, 'run.sh': { content: '#!/bin/sh', mode: 0o755 } };
    const first = await send(jobs, files, { empty: 0o755 });
    assert.equal(first.sent, 4);
    assert.deepEqual(await send(jobs, files, { empty: 0o755 }), { snapshot: first.snapshot, sent: 0 });
    // Only what changed, and the manifest.
    assert.equal((await send(jobs, { ...files, 'run.sh': { content: 'other' } })).sent, 2);

    await jobs.put(job('main.py'), by);
    const git = { commit: '0123456789abcdef0123456789abcdef01234567', dirty: true };
    const { id } = await jobs.run({ project: 'p', job: 'main', snapshot: first.snapshot, git }, by);
    const end = await ended(id);
    const expected = `/snapshot ['deep', 'empty', 'main.py', 'run.sh'] from the project\n${sha256(binary)} 0o755 []\n`;
    assert.equal(await said(jobs, id), expected);
    assert.deepEqual([end.inputs.snapshot, end.inputs.sha256, end.inputs.git], [first.snapshot, sha256(show), git]);

    const again = await jobs.executions.rerun({ project: 'p', execution: id }, by);
    assert.equal((await ended(again.id)).state, 'succeeded');
    assert.equal(await said(jobs, again.id), expected);
    await stop();
    assert.deepEqual(await readdir(join(home, 'projects', project.id, 'executions', id)), ['bine', 'kept']);
  });

  it('leaves what it wrote into its folder as results, with what the file was before, and not what is a cache', async (t) => {
    const { start, ended } = await startJobsWorld(t);
    const { jobs, errors } = await start();
    const code = `import os, helper
open('out/plot.svg', 'w').write('<svg/>')
open('data.csv', 'a').write('2\\n')
open('same.txt', 'w').write('same')
open('both.txt', 'w').write('of the folder')
open(os.environ['BINE_RESULTS'] + '/both.txt', 'w').write('of the results')
raise SystemExit(3)
`;
    const files = {
      'main.py': { content: code },
      'helper.py': { content: '' },
      'data.csv': { content: '1\n' },
      'same.txt': { content: 'same' },
    };
    const { snapshot } = await send(jobs, files, { out: 0o755 });
    await jobs.put(job('main.py'), by);
    const { id } = await jobs.run({ project: 'p', job: 'main', snapshot }, by);
    const end = await ended(id);
    assert.deepEqual([end.state, end.warnings], ['failed', []]);
    const execution = { project: 'p', execution: id };
    const { results } = await jobs.executions.results({ ...execution, after: '', limit: 10 });
    assert.deepEqual(
      results.map(({ path, source, before }) => [path, source, before]),
      [
        ['both.txt', 'results', null],
        ['data.csv', 'folder', sha256('1\n')],
        ['out/plot.svg', 'folder', null],
      ],
    );
    const contents = await Promise.all(
      results.map(async ({ path }) => {
        await using file = await jobs.executions.openResult(execution, path);
        return await text(file.stream());
      }),
    );
    assert.deepEqual(contents, ['of the results', '1\n2\n', '<svg/>']);
    assert.deepEqual(errors, []);
  });

  it('says in its log and as a warning how much of what it wrote was too much to keep', async (t) => {
    const { start, ended } = await startJobsWorld(t);
    const { jobs } = await start();
    const { snapshot } = await send(jobs, {
      'main.py': { content: "print('up')\nfor at in range(10_002): open(f'{at}', 'w').write('x')" },
    });
    await jobs.put(job('main.py'), by);
    const { id } = await jobs.run({ project: 'p', job: 'main', snapshot }, by);
    const end = await ended(id);
    assert.equal(end.state, 'succeeded');
    assert.match(
      end.warnings.join(),
      /^2 files that it wrote into its folder \(2 B\) could not be kept: of an execution, 10000 files and 5.0 GiB are/,
    );
    assert.equal((await jobs.executions.results({ project: 'p', execution: id, after: '', limit: 1 })).total, 10_000);
    assert.equal(await said(jobs, id, 'system'), `${end.warnings.join()}\n`);
  });

  it('is refused where the snapshot is not whole, lies about its contents, or would leave its folder', async (t) => {
    const { start } = await startJobsWorld(t);
    const { jobs } = await start();
    const refused = (code: string, field: string) => (error: Problem) =>
      error.code === code && (field === '' || error.fields?.[0]?.field === field);
    await assert.rejects(jobs.snapshots.putBlob('p', sha256('a'), { body: bytes('b'), signal: never }), refused('invalid', 'sha256'));
    assert.deepEqual((await jobs.snapshots.create('p', sha256('a'))).missing, [sha256('a')]);
    await assert.rejects(send(jobs, { '../out.py': { content: '' } }), refused('path-refused', ''));
    await assert.rejects(send(jobs, { '/etc/out.py': { content: '' } }), refused('path-refused', ''));
    await assert.rejects(send(jobs, { a: { content: '' }, 'a/b': { content: '' } }), refused('invalid', 'manifest'));
    await jobs.put(job('main.py'), by);
    await assert.rejects(jobs.run({ project: 'p', job: 'main', snapshot: sha256('a') }, by), refused('invalid', 'snapshot'));
    const { snapshot } = await send(jobs, { 'other.py': { content: '' } });
    await assert.rejects(jobs.run({ project: 'p', job: 'main', snapshot }, by), refused('invalid', 'snapshot'));
  });
});

const cell = (source: string, tags: string[] = []) => ({
  cell_type: 'code',
  metadata: { tags },
  execution_count: null,
  outputs: [],
  source,
});
const notebook = (...cells: object[]) => JSON.stringify({ nbformat: 4, nbformat_minor: 4, metadata: {}, cells });

describe('an execution of a notebook', { timeout: 300_000 }, () => {
  it('takes its parameters, counts its cells, and leaves the executed notebook with all outputs', async (t) => {
    const { start, write, ended, events } = await startJobsWorld(t);
    const { jobs } = await start();
    await write('n.ipynb', notebook(cell('rate = 1\nname = None', ['parameters']), cell('print(rate, name)\nrate * 2')));
    await jobs.put(job('n.ipynb', { parameters: { rate: 0.5 }, compute: { cores: 1, memory: 512, gpus: 0, timeout: null } }), by);
    const { id } = await jobs.run({ project: 'p', job: 'n', parameters: { name: ['a', null] } }, by);
    const end = await ended(id);
    assert.deepEqual([end.state, end.cause, end.cells, end.executed], ['succeeded', null, { done: 3, total: 3 }, 'n.ipynb']);
    assert.equal(await said(jobs, id), "0.5 ['a', None]\n");
    const counts = events.all.flatMap((event) => (event.type === 'execution.changed' ? (event.data.cells?.done ?? []) : []));
    assert.deepEqual([...new Set(counts)], [0, 1, 2, 3]);
    const cells = await executed(jobs, id, 'n.ipynb');
    assert.deepEqual(
      cells.map((one) => one.execution_count),
      [1, 2, 3],
    );
    assert.equal(cells[1]!.source, "# Parameters\nrate = 0.5\nname = ['a', None]\n");
    assert.deepEqual(
      cells[2]!.outputs.map((output) => output.output_type),
      ['stream', 'execute_result'],
    );
  });

  it('ends at the cell that fails, with the outputs up to and including it', async (t) => {
    const { start, write, ended } = await startJobsWorld(t);
    const { jobs } = await start();
    await write('n.ipynb', notebook(cell("print('before')"), cell('1/0'), cell("print('never')")));
    await jobs.put(job('n.ipynb', { compute: { cores: 1, memory: 512, gpus: 0, timeout: null } }), by);
    const { id } = await jobs.run({ project: 'p', job: 'n' }, by);
    const end = await ended(id);
    assert.deepEqual([end.state, end.cause, end.exitCode], ['failed', 'Cell 2 failed: ZeroDivisionError: division by zero', 1]);
    assert.deepEqual(end.cells, { done: 1, total: 3 });
    const outputs = (await executed(jobs, id, 'n.ipynb')).map((one) => one.outputs.map((output) => output.output_type));
    assert.deepEqual(outputs, [['stream'], ['error'], []]);
    assert.match(await said(jobs, id, 'stderr'), /ZeroDivisionError/);
  });

  it('says where its kernel ran out of memory', async (t) => {
    const { start, write, ended } = await startJobsWorld(t);
    const { jobs } = await start();
    await write('n.ipynb', notebook(cell('x = bytearray(900 * 2**20)')));
    await jobs.put(job('n.ipynb', { compute: { cores: 1, memory: 300, gpus: 0, timeout: null } }), by);
    const end = await ended((await jobs.run({ project: 'p', job: 'n' }, by)).id);
    assert.equal(end.state, 'failed');
    assert.match(end.cause!, /ran out of memory: its limit is 300 MiB/);
  });

  type Cell = { execution_count: number; source: string; outputs: { output_type: string }[] };

  async function executed(jobs: Jobs, execution: string, path: string): Promise<Cell[]> {
    await using file = await jobs.executions.openResult({ project: 'p', execution }, path);
    return (JSON.parse(await text(file.stream())) as { cells: Cell[] }).cells;
  }
});
