import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Problem } from '@bine/shared/problems';
import { until } from '../../../../test/until.ts';
import { job, readLog, said, startJobsWorld } from './world.fixture.ts';

const by = 'ann';

describe('an execution of a Python file', { timeout: 300_000 }, () => {
  it('runs with its arguments and variables, and its whole log can be read while it runs and afterwards', async (t) => {
    const { start, write, ended, events } = await startJobsWorld(t);
    const { jobs, errors } = await start();
    await write(
      'src/train.py',
      `import os, sys, time
print('arguments', sys.argv[1:], os.environ['RATE'], os.getcwd(), os.getuid() != 0)
print('to the other stream', file=sys.stderr)
time.sleep(0.3)
for i in range(2000): print('tick', i)
open(os.environ['BINE_RESULTS'] + '/model.txt', 'w').write('42')
os.makedirs('/results/deep/er'); open('/results/deep/er/x', 'w').close()
`,
    );
    await jobs.put(job('src/train.py', { variables: { RATE: '0.1' } }), by);
    const { id, number, state } = await jobs.run({ project: 'p', job: 'src-train', arguments: ['a b', '--c'] }, by);
    assert.deepEqual([number, ['queued', 'starting'].includes(state)], [1, true]);
    const live = await said(jobs, id);
    assert.equal(live, `arguments ['a b', '--c'] 0.1 /project True\n${Array.from({ length: 2000 }, (_, i) => `tick ${i}\n`).join('')}`);
    const end = await ended(id);
    assert.deepEqual([end.state, end.exitCode, end.cause], ['succeeded', 0, null]);
    assert.match(end.inputs.image!, /^sha256:/);
    assert.match(end.inputs.sha256!, /^[0-9a-f]{64}$/);
    assert.ok(end.submitted <= end.started! && end.started! <= end.ended!);
    assert.equal(await said(jobs, id, 'stderr'), 'to the other stream\n');
    const lines = await readLog(jobs, id);
    const middle = lines[Math.floor(lines.length / 2)]!;
    assert.deepEqual(await readLog(jobs, id, middle.seq), lines.slice(lines.indexOf(middle) + 1));
    assert.deepEqual(
      (await jobs.executions.results({ project: 'p', execution: id, after: '', limit: 10 })).results.map(({ path, size }) => [path, size]),
      [
        ['deep/er/x', 0],
        ['model.txt', 2],
      ],
    );
    assert.ok((await jobs.executions.usage({ project: 'p', execution: id })).length > 0);
    const states = events.all.flatMap((event) => (event.type === 'execution.changed' ? [event.data.state] : []));
    assert.deepEqual([...new Set(states)], ['queued', 'starting', 'running', 'succeeded']);
    assert.deepEqual(errors, []);
  });

  it('says which revision of its environment it ran in, runs again in that one, and goes along with the name', async (t) => {
    const { start, write, ended, environments } = await startJobsWorld(t);
    const { jobs } = await start();
    const mine = { project: 'p', environment: 'mine' };
    await environments.clone({ project: 'p', environment: 'python-inference', name: 'mine' }, by, t.signal);
    await write('a.py', 'print(1)');
    await jobs.put(job('a.py', { environment: 'mine' }), by);
    await environments.update({ ...mine, name: 'ours' }, t.signal);
    await assert.rejects(environments.delete({ ...mine, environment: 'ours' }, t.signal), {
      code: 'conflict',
      message: '"ours" is used by the job "a". End or change them first.',
    });
    const first = await ended((await jobs.run({ project: 'p', job: 'a' }, by)).id);
    const { image } = await environments.get({ ...mine, environment: 'ours' }, t.signal);
    assert.deepEqual([first.state, first.inputs.environment, first.inputs.revision, first.inputs.image], ['succeeded', 'ours', 1, image]);
    const again = await ended((await jobs.executions.rerun({ project: 'p', execution: first.id }, by)).id);
    assert.deepEqual([again.state, again.inputs.revision, again.inputs.image], ['succeeded', 1, image]);
  });

  for (const [how, code, state, exitCode, cause] of [
    ['exit code', 'import sys; sys.exit(3)', 'failed', 3, /^Exit code 3$/],
    ['traceback', 'import nonexistent', 'failed', 1, /Exit code 1: ModuleNotFoundError: No module named 'nonexistent'/],
    ['signal', 'import os, signal; os.kill(os.getpid(), signal.SIGSEGV)', 'failed', 139, /SIGSEGV/],
    ['out of memory', 'x = bytearray(600 * 2**20)', 'failed', 137, /ran out of memory: its limit is 256 MiB/],
    ['time limit', 'import time; time.sleep(600)', 'timed-out', 143, /time limit of 1 s/],
  ] as const) {
    it(`ends with its true cause: ${how}`, async (t) => {
      const { start, write, ended } = await startJobsWorld(t);
      const { jobs } = await start();
      await write('a.py', code);
      const compute = { cores: 0.5, memory: 256, gpus: 0, timeout: how === 'time limit' ? 1 : null };
      await jobs.put(job('a.py', { compute }), by);
      const { id } = await jobs.run({ project: 'p', job: 'a' }, by);
      const end = await ended(id);
      assert.deepEqual([end.state, end.exitCode], [state, exitCode]);
      assert.match(end.cause!, cause);
    });
  }

  const forged = JSON.stringify({ reason: null, exitCode: 0, signal: null, outOfMemory: false, error: null, started: 0, ended: 0 });
  const forge = `import sys\nopen('/bine/result.json', 'w').write('${forged}')\n`;
  it('is not over because its program says so', async (t) => {
    const { start, write, ended } = await startJobsWorld(t);
    const { jobs } = await start();
    await write(
      'a.py',
      `${forge}print('forged', flush=True)\nimport os, time\nwhile not os.path.exists('go'): time.sleep(0.05)\nsys.exit(3)`,
    );
    await jobs.put(job('a.py'), by);
    const { id } = await jobs.run({ project: 'p', job: 'a' }, by);
    for await (const line of await jobs.executions.log({ project: 'p', execution: id, after: 0 }, t.signal))
      if (line.text === 'forged\n') break;
    await write('go', '');
    const end = await ended(id);
    assert.deepEqual([end.state, end.exitCode, end.cause], ['failed', 3, 'Exit code 3']);
  });

  it('cannot make a success of its failure by keeping its runner from writing', async (t) => {
    const { start, write, ended } = await startJobsWorld(t);
    const { jobs } = await start();
    await write('a.py', `${forge}import os\nos.mkdir('/bine/result.json.new')\nsys.exit(3)`);
    await jobs.put(job('a.py'), by);
    const end = await ended((await jobs.run({ project: 'p', job: 'a' }, by)).id);
    assert.equal(end.state, 'failed');
    assert.match(end.warnings.join(), /says that it ended with exit code 0, but its container ended with \d+: the file was not believed/);
  });

  it('fails with a clear cause where its file is not there', async (t) => {
    const { start, ended } = await startJobsWorld(t);
    const { jobs } = await start();
    await jobs.put(job('nothing.py'), by);
    const end = await ended((await jobs.run({ project: 'p', job: 'nothing' }, by)).id);
    assert.equal(end.state, 'failed');
    assert.match(end.cause!, /"nothing.py" does not exist/);
  });

  it('is asked to end when it is stopped, and what it says then is in its log', async (t) => {
    const { start, write, ended, reached, docker, gateway } = await startJobsWorld(t);
    const { jobs, stop } = await start();
    await write(
      'a.py',
      "import signal, sys, time\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit('bye'))\nprint('up')\ntime.sleep(600)",
    );
    await jobs.put(job('a.py'), by);
    const { id } = await jobs.run({ project: 'p', job: 'a' }, by);
    await reached(id, 'running');
    for await (const line of await jobs.executions.log({ project: 'p', execution: id, after: 0 }, t.signal))
      if (line.text === 'up\n') break;
    await jobs.executions.stop({ project: 'p', execution: id }, 'bob');
    const end = await ended(id);
    assert.deepEqual([end.state, end.cause, end.exitCode], ['stopped', 'Stopped by bob.', 1]);
    assert.equal(await said(jobs, id, 'stderr'), 'bye\n');
    await jobs.executions.stop({ project: 'p', execution: id }, 'bob');
    await stop();
    assert.deepEqual(await docker.list({ 'bine.gateway': gateway, 'bine.role': 'execution' }), []);
  });

  it('is over for whoever asks, and so is its log, while there is no room on the disk to note its end', async (t) => {
    const { start, write, ended } = await startJobsWorld(t);
    const room = { left: true };
    const { jobs, rows } = await start({ hasRoom: () => room.left });
    await write('a.py', 'print("all")');
    await jobs.put(job('a.py'), by);
    const { id } = await jobs.run({ project: 'p', job: 'a' }, by);
    room.left = false;
    await ended(id);
    await until(() => jobs.uses().length === 0, 'the gateway to let go of it');
    assert.notEqual((await rows.executions.get(id))?.state, 'succeeded');
    assert.equal((await jobs.executions.get({ project: 'p', execution: id })).state, 'succeeded');
    const listed = await jobs.executions.list('p', { limit: 10 });
    assert.deepEqual(
      listed.map(({ state }) => state),
      ['succeeded'],
    );
    assert.equal(await said(jobs, id), 'all\n');
    room.left = true;
    await until(async () => (await rows.executions.get(id))?.state === 'succeeded', 'its end to be noted');
  });

  it('says in which commit of a repository its program was, or what its caller said of that', async (t) => {
    const world = await startJobsWorld(t);
    const { jobs } = await world.start();
    await world.write('repository/a.py', '');
    await world.write('b.py', '');
    const gitOf = async (name: string, git?: { commit: string; dirty: boolean }) =>
      (await jobs.run({ project: 'p', job: name, ...(git && { git }) }, by)).inputs.git;
    for (const path of ['repository/a.py', 'b.py']) await jobs.put(job(path), by);
    assert.deepEqual(await gitOf('repository-a'), { commit: '0123456', dirty: false });
    assert.deepEqual(await gitOf('repository-a', { commit: '7654321', dirty: true }), { commit: '7654321', dirty: true });
    assert.equal(await gitOf('b'), null);
  });

  it('is the same one when it is asked for twice with one key', async (t) => {
    const { start, write, ended } = await startJobsWorld(t);
    const { jobs } = await start();
    await write('a.py', 'print(1)');
    await jobs.put(job('a.py'), by);
    const both = await Promise.all([1, 2].map(() => jobs.run({ project: 'p', job: 'a', idempotencyKey: 'k' }, by)));
    await ended(both[0]!.id);
    const third = await jobs.run({ project: 'p', job: 'a', idempotencyKey: 'k' }, by);
    assert.deepEqual(new Set([...both, third].map(({ id, number }) => `${id} ${number}`)).size, 1);
    const again = await jobs.executions.rerun({ project: 'p', execution: third.id }, by);
    assert.deepEqual([again.number, again.trigger, again.inputs.image], [2, 'rerun', third.inputs.image]);
    await ended(again.id);
    assert.equal(await said(jobs, again.id), '1\n');
  });
});

describe('the queue', { timeout: 300_000 }, () => {
  it('starts what fits in the order of submission, says why the rest waits, and refuses at once what can never fit', async (t) => {
    const { start, write, ended, reached, docker } = await startJobsWorld(t);
    const { cores } = await docker.capacity();
    const { jobs } = await start();
    await write('hold.py', "import os, time\nwhile not os.path.exists('go'): time.sleep(0.05)");
    const compute = { cores, memory: 256, gpus: 0, timeout: null };
    await jobs.put(job('hold.py', { compute }), by);
    const first = await jobs.run({ project: 'p', job: 'hold' }, by);
    const second = await jobs.run({ project: 'p', job: 'hold' }, by);
    const third = await jobs.run({ project: 'p', job: 'hold' }, by);
    await reached(first.id, 'running');
    const waits = await jobs.executions.get({ project: 'p', execution: second.id });
    assert.deepEqual([waits.state, waits.cause], ['queued', `Queued: next of ann's 2 jobs; it needs ${cores} cores (0 of ${cores} free).`]);
    await assert.rejects(jobs.delete({ project: 'p', job: 'hold' }), (error: Problem) => error.code === 'conflict');
    const stopped = await jobs.executions.stop({ project: 'p', execution: third.id }, by);
    assert.equal(stopped.ended === null ? (await ended(third.id)).state : stopped.state, 'stopped');
    await write('go', '');
    const ends = [await ended(first.id), await ended(second.id)];
    assert.ok(ends[0]!.ended! <= ends[1]!.started!);
    await assert.rejects(jobs.put(job('hold.py', { compute: { ...compute, cores: cores + 1 } }), by), (error: Problem) => {
      assert.match(error.message, new RegExp(`The job asks for more than there is: ${cores + 1} cores, but this machine has ${cores}`));
      return error.code === 'invalid' && error.fields?.[0]?.field === 'cores';
    });
    await jobs.delete({ project: 'p', job: 'hold' });
    assert.deepEqual(await jobs.executions.list('p', { limit: 10 }), []);
  });

  it('keeps as many ended executions as the job says', async (t) => {
    const { start, write, ended, project, home } = await startJobsWorld(t);
    const { jobs, errors } = await start();
    await write('a.py', 'print(1)');
    await jobs.put(job('a.py', { keep: 1 }), by);
    for (let i = 0; i < 3; i++) await ended((await jobs.run({ project: 'p', job: 'a' }, by)).id);
    await jobs.delete({ project: 'p', job: 'a' });
    assert.deepEqual(await readdir(join(home, 'projects', project.id, 'executions')), []);
    assert.deepEqual(errors, []);
  });
});

describe('a project that is deleted', { timeout: 300_000 }, () => {
  it('ends its executions, and nothing of them is left when it is deleted for good', async (t) => {
    const { start, write, ended, reached, docker, gateway, home, project } = await startJobsWorld(t);
    const { cores } = await docker.capacity();
    const { jobs, rows, errors, stop } = await start();
    await write('a.py', 'import time; time.sleep(600)');
    await jobs.put(job('a.py', { compute: { cores, memory: 256, gpus: 0, timeout: null } }), by);
    const running = await jobs.run({ project: 'p', job: 'a' }, by);
    const waiting = await jobs.run({ project: 'p', job: 'a' }, by);
    await reached(running.id, 'running');
    await jobs.endProject(project);
    for (const { id } of [running, waiting]) {
      const end = await ended(id);
      assert.deepEqual([end.state, end.cause], ['stopped', 'Its project was deleted.']);
    }
    assert.deepEqual(await docker.list({ 'bine.gateway': gateway, 'bine.role': 'execution' }), []);
    await jobs.forgetProject(project);
    assert.deepEqual([await rows.executions.all(), await rows.jobs.all()], [[], []]);
    assert.deepEqual(await readdir(join(home, 'projects', project.id, 'executions')), []);
    assert.deepEqual(errors, []);
    await stop();
  });
});

describe('a gateway that takes over', { timeout: 300_000 }, () => {
  it('goes on with what runs, starts what waits, and tells what ended meanwhile', async (t) => {
    const { start, write, ended, reached, docker } = await startJobsWorld(t);
    const { cores } = await docker.capacity();
    const first = await start();
    await write('hold.py', "import os, time\nprint('up')\nwhile not os.path.exists('go'): time.sleep(0.05)\nprint('done')");
    await first.jobs.put(job('hold.py', { compute: { cores, memory: 256, gpus: 0, timeout: null } }), by);
    const running = await first.jobs.run({ project: 'p', job: 'hold' }, by);
    const waiting = await first.jobs.run({ project: 'p', job: 'hold' }, by);
    await reached(running.id, 'running');
    await first.stop();

    const second = await start();
    assert.equal((await second.jobs.executions.get({ project: 'p', execution: running.id })).state, 'running');
    assert.equal((await second.jobs.executions.get({ project: 'p', execution: waiting.id })).state, 'queued');
    await second.stop();
    await write('go', '');
    await docker.wait(`bine-execution-${running.id}`, t.signal);

    const third = await start();
    const ends = [await ended(running.id), await ended(waiting.id)];
    assert.deepEqual(
      ends.map(({ state, exitCode }) => [state, exitCode]),
      [
        ['succeeded', 0],
        ['succeeded', 0],
      ],
    );
    assert.deepEqual(await Promise.all(ends.map(({ id }) => said(third.jobs, id))), ['up\ndone\n', 'up\ndone\n']);
    assert.deepEqual(third.errors, []);
  });

  it('says of one whose container was removed from outside what it can', async (t) => {
    const { start, write, ended, reached, docker } = await startJobsWorld(t);
    const first = await start();
    await write('a.py', 'import time; time.sleep(600)');
    await first.jobs.put(job('a.py'), by);
    const { id } = await first.jobs.run({ project: 'p', job: 'a' }, by);
    await reached(id, 'running');
    await first.stop();
    await docker.remove(`bine-execution-${id}`);
    await start();
    const end = await ended(id);
    assert.deepEqual([end.state, end.cause], ['failed', 'Its container was removed by something other than Bine.']);
  });
});
