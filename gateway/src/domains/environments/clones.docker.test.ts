import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Change } from '@bine/shared';
import { run, startWorld } from '../kernels/containers.fixture.ts';
import { change, cloned, heldImages, lines, mine, never, nothingLeft, settled, wheel } from './clones.fixture.ts';

const source = 'python-inference';

describe('a clone', { timeout: 600_000 }, () => {
  it('is there without a build, can be renamed and described, and goes for good', async (t) => {
    const world = await startWorld(t);
    const { environments } = await world.startGateway();
    const first = await cloned(environments);
    const { image } = await environments.get({ project: 'p', environment: source }, never);
    assert.deepEqual([first.state, first.image, first.from, first.revision, first.bundled], ['ready', image, source, 1, false]);
    await assert.rejects(environments.clone({ project: 'p', environment: source, name: 'mine' }, 'ann', never), { code: 'already-exists' });
    await assert.rejects(environments.clone({ project: 'p', environment: source, name: source }, 'ann', never), { code: 'already-exists' });

    const renamed = await environments.update({ ...mine, name: 'yours', description: 'better' }, never);
    assert.deepEqual([renamed.name, renamed.description], ['yours', 'better']);
    await assert.rejects(environments.get(mine, never), { code: 'not-found', message: /There are: yours, / });
    assert.ok(world.events.all.some((event) => event.type === 'environment.removed' && event.data.renamed === 'yours'));

    const yours = { project: 'p', environment: 'yours' };
    const second = await environments.clone({ ...yours, name: 'mine' }, 'ann', never);
    assert.deepEqual([second.from, second.description], ['yours', 'better']);
    await environments.delete(yours, never);
    assert.deepEqual(
      (await environments.list('p', never)).filter(({ bundled }) => !bundled).map(({ name }) => name),
      ['mine'],
    );
    await environments.delete(mine, never);
    assert.deepEqual(await heldImages(world), []);
  });

  it('of a bundled environment can be changed, the bundled one cannot', async (t) => {
    const { environments } = await (await startWorld(t)).startGateway();
    const bundled = { project: 'p', environment: source };
    for (const refused of [
      () => environments.change({ ...bundled, install: ['six'], wheels: [], uninstall: [] }, 'ann'),
      () => environments.update({ ...bundled, description: 'x' }, never),
      () => environments.delete(bundled, never),
    ]) {
      await assert.rejects(refused, { code: 'conflict', message: /comes with Bine and stays as it is/ });
    }
  });

  it('in which a kernel runs is not deleted, and takes the kernel along when it is renamed', async (t) => {
    const world = await startWorld(t);
    const { environments, kernels } = await world.startGateway();
    await cloned(environments);
    const { id } = await kernels.start({ project: 'p', environment: 'mine', notebook: 'a.ipynb', memory: 1024, cores: 1, gpus: 0 }, 'ann');
    const { revision } = await world.events.until('kernel.changed', (kernel) => kernel.id === id && kernel.state === 'idle');
    assert.equal(revision, 1);
    await assert.rejects(environments.delete(mine, never), { code: 'conflict', message: /used by the kernel "a\.ipynb"/ });
    assert.deepEqual(await environments.users(mine), [{ type: 'kernel', id, title: 'a.ipynb', revision: 1 }]);
    await environments.update({ ...mine, name: 'yours' }, never);
    assert.equal((await kernels.get({ project: 'p', kernel: id })).environment, 'yours');
    await kernels.shutdown({ project: 'p', kernel: id }, 'ann');
    await environments.delete({ project: 'p', environment: 'yours' }, never);
  });
});

describe('a change', { timeout: 600_000 }, () => {
  it('installs and uninstalls in one go, and is kept as a revision with its packages, lock and log', async (t) => {
    const world = await startWorld(t);
    const { environments } = await world.startGateway();
    await cloned(environments);
    const first = await change(environments, { install: ['humanize==4.9.0', 'toolz'], uninstall: ['joblib', 'scikit-learn'] });
    assert.deepEqual([first.state, first.problem, first.revision], ['succeeded', null, 2]);
    const two = await environments.revision({ ...mine, revision: 2 }, never);
    assert.deepEqual(
      two.changes.added.map(({ name }) => name),
      ['humanize', 'toolz'],
    );
    assert.deepEqual(
      two.changes.removed.map(({ name }) => name),
      ['joblib', 'scikit-learn'],
    );
    assert.match(two.summary, /^\+ humanize 4\.9\.0, \+ toolz \S+, - joblib, - scikit-learn$/);
    assert.deepEqual([two.user, two.action, two.change], ['ann', 'change', first.id]);
    assert.match(two.lock, /^humanize==4\.9\.0 \\\n {4}--hash=sha256:[0-9a-f]{64}/m);
    assert.match(two.lock, /^ipykernel==\S+ \\\n {4}--hash=sha256:/m);
    const packages = await environments.packages(mine, never);
    const told = (name: string) => packages.find((one) => one.name === name);
    assert.deepEqual(told('humanize'), { name: 'humanize', version: '4.9.0', source: 'index', from: null, direct: true });
    assert.deepEqual([told('ipykernel')?.source, told('ipykernel')?.direct, told('tornado')?.direct], ['bundled', true, false]);
    const log = await lines(environments, first.id);
    assert.ok(log.some(({ text }) => text.includes('+ humanize==4.9.0')));
    assert.deepEqual(log.at(-1)?.done, 'succeeded');

    const now = await environments.get(mine, never);
    assert.deepEqual([now.state, now.revision, now.image], ['ready', 2, two.image]);
    assert.ok(now.packages.includes('humanize==4.9.0'));
    const second = await change(environments, { install: ['humanize==4.10.0'] });
    assert.equal(second.revision, 3);
    assert.deepEqual((await environments.revision({ ...mine, revision: 3 }, never)).changes.updated, [
      { name: 'humanize', from: '4.9.0', to: '4.10.0' },
    ]);

    const back = await settled(environments, await environments.rollback({ ...mine, revision: 1 }, 'bob'));
    assert.equal(back.revision, 4);
    const four = await environments.revision({ ...mine, revision: 4 }, never);
    const one = await environments.revision({ ...mine, revision: 1 }, never);
    assert.deepEqual([four.image, four.rollbackTo, four.lock, four.user], [one.image, 1, one.lock, 'bob']);
    assert.deepEqual(
      (await environments.revisions(mine)).map(({ number }) => number),
      [4, 3, 2, 1],
    );
    await assert.rejects(environments.rollback({ ...mine, revision: 4 }, 'ann'), { code: 'conflict' });
    await assert.rejects(environments.rollback({ ...mine, revision: 9 }, 'ann'), { code: 'not-found' });
  });

  it('that has nothing to do makes no revision', async (t) => {
    const world = await startWorld(t);
    const { environments } = await world.startGateway();
    await cloned(environments);
    const { state, revision } = await change(environments, { install: ['joblib'] });
    assert.deepEqual([state, revision], ['succeeded', null]);
    assert.equal((await environments.get(mine, never)).revision, 1);
  });

  it('that is asked for twice under one key is one change', async (t) => {
    const world = await startWorld(t);
    const { environments } = await world.startGateway();
    await cloned(environments);
    const asked = { ...mine, install: ['toolz'], wheels: [], uninstall: [], idempotencyKey: 'once' };
    const [one, other] = [await environments.change(asked, 'ann'), await environments.change(asked, 'ann')];
    assert.equal(one.id, other.id);
    await settled(environments, one);
    assert.equal((await environments.change(asked, 'ann')).id, one.id);
    assert.equal((await environments.revisions(mine)).length, 2);
  });

  it('takes a requirements file and a wheel of the project, whose hash the lock knows', async (t) => {
    const world = await startWorld(t);
    const { environments } = await world.startGateway();
    await cloned(environments);
    const { file, hash } = await wheel(world.project.files, 'greeting', { version: '1.0', text: 'hello' });
    const done = await change(environments, { wheels: [file], requirements: '# tools\ntoolz  # any\n' });
    assert.deepEqual([done.state, done.problem], ['succeeded', null]);
    const { lock, packages } = await environments.revision({ ...mine, revision: 2 }, never);
    assert.ok(lock.includes(`greeting==1.0 \\\n    --hash=sha256:${hash}`));
    const { source, direct, from } = packages.find(({ name }) => name === 'greeting')!;
    assert.deepEqual([source, direct, from], ['wheel', true, file]);
    await assert.rejects(change(environments, { wheels: ['gone.whl'] }), { code: 'not-found' });

    // The same version with another content is another package.
    const other = await wheel(world.project.files, 'greeting', { version: '1.0', text: 'good evening' });
    const again = await change(environments, { wheels: [other.file] });
    assert.equal(again.revision, 3);
    assert.ok((await environments.revision({ ...mine, revision: 3 }, never)).lock.includes(other.hash));
  });

  it('waits for the one before it, and is cancelled at once while it waits, or when it works', async (t) => {
    const world = await startWorld(t);
    const { environments } = await world.startGateway();
    await cloned(environments);
    const ask = (...install: string[]) => environments.change({ ...mine, install, wheels: [], uninstall: [] }, 'ann');
    const [slow, waiting, last] = [await ask('polars==2.1.0', 'duckdb', 'scipy', 'pyarrow'), await ask('toolz'), await ask('humanize')];
    await world.events.until('environment.change', ({ id, state }) => id === slow.id && state === 'installing');
    assert.deepEqual((await environments.changes(mine)).find(({ id }) => id === waiting.id)?.state, 'queued');
    assert.equal((await environments.get(mine, never)).state, 'changing');
    await assert.rejects(environments.delete(mine, never), { code: 'conflict', message: /is being changed/ });
    const cancel = ({ id }: Change) => environments.cancelChange({ ...mine, change: id }, 'bob');
    assert.deepEqual([(await cancel(waiting)).state, (await cancel(slow)).state], ['cancelled', 'cancelled']);
    assert.deepEqual((await lines(environments, slow.id)).at(-1)?.text, 'bob cancelled it.');
    const { state, revision } = await settled(environments, last);
    assert.deepEqual([state, revision], ['succeeded', 2]);
    assert.deepEqual(
      (await environments.revision({ ...mine, revision: 2 }, never)).changes.added.map(({ name }) => name),
      ['humanize'],
    );
    await assert.rejects(cancel(last), { code: 'conflict', message: /Roll back/ });
    await nothingLeft(world, 2);
  });

  it('goes on beside one of another environment', async (t) => {
    const world = await startWorld(t);
    const { environments } = await world.startGateway();
    await cloned(environments);
    await environments.clone({ project: 'p', environment: source, name: 'yours' }, 'ann', never);
    const ask = (environment: string, name: string) =>
      environments.change({ project: 'p', environment, install: [name], wheels: [], uninstall: [] }, 'ann');
    // A large one and a small one: were they to wait for each other, the small one would begin after the large one's end.
    const both = [await ask('mine', 'polars==2.1.0'), await ask('yours', 'toolz')];
    for (const { id } of both) await world.events.until('environment.change', (one) => one.id === id && one.state === 'succeeded');
    const states = world.events.all.flatMap((event) =>
      event.type === 'environment.change' ? [`${event.data.environment} ${event.data.state}`] : [],
    );
    assert.ok(states.indexOf('yours resolving') < states.indexOf('mine succeeded'), states.join());
  });
});

describe('a preview', { timeout: 600_000 }, () => {
  it("says in the resolver's words what would be, and changes nothing", async (t) => {
    const world = await startWorld(t);
    const { environments } = await world.startGateway();
    await cloned(environments);
    const asked = { ...mine, install: ['humanize==4.9.0', 'joblib==1.5.1'], wheels: [], uninstall: [] };
    const preview = await environments.preview(asked, 'ann', never);
    assert.ok(
      preview.lines.some((line) => line.startsWith('Would install')),
      preview.lines.join('\n'),
    );
    assert.deepEqual(preview.added, [{ name: 'humanize', version: '4.9.0' }]);
    assert.deepEqual(
      preview.updated.map(({ name, to }) => [name, to]),
      [['joblib', '1.5.1']],
    );
    assert.equal((await environments.get(mine, never)).revision, 1);
    await assert.rejects(environments.preview({ ...asked, install: ['no-such-package-of-bine'] }, 'ann', never), { code: 'build-failed' });
  });

  it('and a search find what the index has', async (t) => {
    const world = await startWorld(t);
    const { environments } = await world.startGateway();
    await cloned(environments);
    await environments.packages(mine, never);
    const [found] = await environments.search({ ...mine, text: 'Joblib' }, never);
    assert.equal(found?.name, 'joblib');
    assert.equal(found.installed, '1.6.0');
    assert.ok(found.versions.includes('1.5.1'));
    assert.deepEqual(await environments.search({ ...mine, text: 'no-such-package-of-bine' }, never), []);
  });
});

describe('a running kernel', { timeout: 600_000 }, () => {
  it('of a bundled environment goes on in a clone, with what it has in memory, and gets its packages', async (t) => {
    const world = await startWorld(t);
    const { environments, kernels } = await world.startGateway();
    const bundled = { project: 'p', environment: source };
    const { id } = await kernels.start({ ...bundled, notebook: 'a.ipynb', memory: 1024, cores: 1, gpus: 0 }, 'ann');
    const kernel = { project: 'p', kernel: id };
    assert.equal(await run(kernels, kernel, 'x = 42; print(x)'), '42');
    await environments.clone({ ...bundled, name: 'mine', kernel: id }, 'ann', never);
    const { environment, revision } = await kernels.get(kernel);
    assert.deepEqual([environment, revision], ['mine', 1]);
    await change(environments, { install: ['humanize==4.9.0'] });
    assert.equal(await run(kernels, kernel, 'import humanize; print(x, humanize.__version__)'), '42 4.9.0');
    assert.equal((await kernels.get(kernel)).revision, 2);
    // Its next process has them too.
    await kernels.restart(kernel, never);
    assert.equal(await run(kernels, kernel, 'import humanize; print(humanize.__version__)'), '4.9.0');
    const refused = environments.clone({ ...bundled, name: 'other', kernel: id }, 'ann', never);
    await assert.rejects(refused, { code: 'conflict', message: /does not run in "python-inference"/ });
    await assert.rejects(environments.get({ project: 'p', environment: 'other' }, never), { code: 'not-found' });
    await kernels.shutdown(kernel, 'ann');
  });

  it('gets the change in place, and says which loaded modules are not as they were loaded', async (t) => {
    const world = await startWorld(t);
    const { environments, kernels, errors } = await world.startGateway();
    await cloned(environments);
    const { id } = await kernels.start({ project: 'p', environment: 'mine', notebook: 'a.ipynb', memory: 1024, cores: 1, gpus: 0 }, 'ann');
    const kernel = { project: 'p', kernel: id };
    const count = async () => Number(await run(kernels, kernel, 'print(get_ipython().execution_count)'));
    const counted = await count();
    assert.match(await run(kernels, kernel, 'import humanize'), /ModuleNotFoundError/);
    await change(environments, { install: ['humanize==4.9.0'] });
    assert.equal(await run(kernels, kernel, 'import humanize; print(humanize.__version__)'), '4.9.0');
    assert.equal((await kernels.get(kernel)).revision, 2);

    await change(environments, { install: ['humanize==4.10.0', 'toolz'] });
    const { modules, notebook } = await world.events.until('kernel.modules-changed', (one) => one.kernel === id);
    assert.deepEqual([modules, notebook], [['humanize'], 'a.ipynb']);
    assert.equal(
      await run(kernels, kernel, 'import toolz, importlib.metadata as m; print(humanize.__version__, m.version("humanize"))'),
      '4.9.0 4.10.0',
    );

    await environments.rollback({ ...mine, revision: 1 }, 'ann').then((begun) => settled(environments, begun));
    const look =
      'import glob; print(len(glob.glob("/opt/env/lib/python3*/site-packages/humanize*") + glob.glob("/opt/env/lib/python3*/site-packages/toolz*")))';
    assert.equal(await run(kernels, kernel, look), '0');
    assert.equal((await kernels.get(kernel)).revision, 4);
    // What the user ran is all that the kernel's history shows.
    assert.equal(await count(), counted + 5);
    assert.deepEqual(errors, []);
  });

  it('that began before a gateway died during the change is brought up to date by the next one', async (t) => {
    const world = await startWorld(t);
    const first = await world.startGateway();
    await cloned(first.environments);
    const { id } = await first.kernels.start({ project: 'p', environment: 'mine', memory: 1024, cores: 1, gpus: 0 }, 'ann');
    await world.events.until('kernel.changed', (kernel) => kernel.id === id && kernel.state === 'idle');
    await first.kernels[Symbol.asyncDispose]();
    await change(first.environments, { install: ['toolz'] });
    await first.stop();

    const { kernels, environments } = await world.startGateway();
    await environments.reconcile(never);
    await kernels.reconcile();
    assert.deepEqual(
      kernels.revisionsInUse().map(({ revision }) => revision),
      [1],
    );
    await environments.catchUp(kernels.revisionsInUse(), never);
    assert.equal(await run(kernels, { project: 'p', kernel: id }, 'import toolz; print(toolz.__name__)'), 'toolz');
  });
});
