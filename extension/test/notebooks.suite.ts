import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import type { BineApi } from '../src/extension.ts';
import { text, until } from './bine.ts';
import { type OpenNotebook, closeNotebook, environment, mimes, openNotebook, prepare, writeNotebook } from './notebook.ts';

describe('A notebook', () => {
  let notebook: OpenNotebook;

  before(async function () {
    notebook = await openNotebook(await prepare(this), await writeNotebook([]));
  });
  after(async () => {
    await notebook.session.shutDown();
    await closeNotebook();
  });

  it('runs in the environment that it names, without a question', async () => {
    const at = await notebook.add('1 + 1');
    await notebook.run(at);
    assert.equal(notebook.session.kernel?.environment, environment);
    assert.deepEqual(notebook.outputs(at), ['2']);
    const { executionOrder, success, timing } = notebook.cell(at).executionSummary!;
    assert.deepEqual([executionOrder, success], [1, true]);
    assert.ok(timing!.endTime >= timing!.startTime);
  });

  it('shows tables, pictures, JSON, Markdown, LaTeX and text in colour', async () => {
    const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
    const at = await notebook.add(
      `from IPython.display import display, HTML, Image, JSON, Markdown, Latex, SVG
import base64
display(HTML('<b>table</b>'))
display(Image(base64.b64decode('${png}')))
display(SVG('<svg xmlns="http://www.w3.org/2000/svg"/>'))
display(JSON({'a': [1, 2]}))
display(Markdown('# Title'))
display(Latex('$x$'))
print('\\x1b[31mred\\x1b[0m')
{'application/vnd.test.v1+json': {}}`,
    );
    await notebook.run(at);
    assert.deepEqual(mimes(notebook.cell(at)), [
      ['text/html', 'text/plain'],
      ['image/png', 'text/plain'],
      ['image/svg+xml', 'text/plain'],
      ['application/json', 'text/plain'],
      ['text/markdown', 'text/plain'],
      ['text/latex', 'text/plain'],
      ['application/vnd.code.notebook.stdout'],
      ['text/plain'],
    ]);
    const picture = notebook.cell(at).outputs[1]!.items.find(({ mime }) => mime === 'image/png')!;
    assert.equal(Buffer.from(picture.data).toString('base64'), png);
    assert.equal(notebook.outputs(at)[6], '\u001b[31mred\u001b[0m\n');
  });

  it('stops at an error, and says nothing of the cells after it', async () => {
    const at = await notebook.add('print("before")', 'def f():\n    return 1 / 0\nf()', 'print("after")');
    await notebook.start(at, at + 1, at + 2);
    await until(vscode.workspace.onDidChangeNotebookDocument, () => notebook.cell(at + 1).executionSummary?.success === false || undefined);
    const error = await until(vscode.workspace.onDidChangeNotebookDocument, () => notebook.cell(at + 1).outputs[0]);
    const said = JSON.parse(text(error.items[0]!.data)) as { name: string; message: string; stack: string };
    assert.deepEqual([said.name, said.message], ['ZeroDivisionError', 'division by zero']);
    assert.match(said.stack, /in f\(\)|f\(\)/);
    // VS Code tells the ends of two cells in no certain order.
    await until(vscode.workspace.onDidChangeNotebookDocument, () => notebook.cell(at).executionSummary?.success || undefined);
    const last = String(notebook.cell(at + 2).metadata['id']);
    await until(notebook.session.onDidChange, () => !notebook.session.runs.has(last) || undefined);
    assert.deepEqual([notebook.outputs(at + 2), notebook.cell(at + 2).executionSummary?.success], [[], undefined]);
  });

  it('updates a display from another cell, and clears outputs', async () => {
    const at = await notebook.add(
      'from IPython.display import display, clear_output\nhandle = display("0%", display_id="bar")\nprint("done")',
      'handle.update("100%")\nprint("old")\nclear_output(wait=True)\nprint("new")',
    );
    await notebook.run(at, at + 1);
    assert.deepEqual(await notebook.untilShown(at, ([display]) => display === "'100%'"), ["'100%'", 'done\n']);
    assert.deepEqual(await notebook.untilShown(at + 1, ([first]) => first === 'new\n'), ['new\n']);
  });

  it('shows progress bars as a terminal does, and what a thread prints after its cell', async () => {
    const at = await notebook.add(
      `import sys, threading, time
for i in range(50):
    print(f'\\r{i:3d}%', end='', flush=True)
    time.sleep(0.005)
print()
threading.Timer(0.3, lambda: print('from the thread')).start()`,
    );
    await notebook.run(at);
    const shown = await notebook.untilShown(at, (outputs) => outputs.join('').includes('thread'));
    assert.deepEqual(shown, [' 49%\nfrom the thread\n']);
    await until(vscode.workspace.onDidChangeNotebookDocument, () => notebook.cell(at).executionSummary?.success || undefined);
  });

  it('shows 20,000 prints complete and in order', async () => {
    const at = await notebook.add('for i in range(20000):\n    print("line", i, flush=True)');
    await notebook.run(at);
    const expected = Array.from({ length: 20_000 }, (_, line) => `line ${line}\n`).join('');
    await notebook.untilShown(at, (outputs) => outputs.join('') === expected);
  });

  it('asks what input() and getpass() want, and goes on with the answer', async () => {
    const at = await notebook.add('import getpass\nname = input("Name? ")\nsecret = getpass.getpass("Secret? ")\nprint(name, secret)');
    await notebook.start(at);
    const first = await notebook.untilRun(at, ({ question }) => question !== null);
    assert.deepEqual([first.question?.prompt, first.question?.password], ['Name? ', false]);
    notebook.session.answer(first.question!, 'Ada');
    const second = await notebook.untilRun(at, ({ question }) => question?.password === true);
    notebook.session.answer(second.question!, 'pssst');
    assert.deepEqual(await notebook.untilShown(at, (outputs) => outputs.length > 0), ['Ada pssst\n']);
  });

  it('interrupts what runs, and does not run what waits', async () => {
    const at = await notebook.add('import time\nprint("running", flush=True)\ntime.sleep(60)', 'print("next")');
    await notebook.start(at, at + 1);
    await notebook.untilShown(at, (outputs) => outputs.includes('running\n'));
    await notebook.session.interrupt();
    await until(vscode.workspace.onDidChangeNotebookDocument, () => notebook.cell(at).executionSummary?.success === false || undefined);
    assert.match(notebook.outputs(at)[1]!, /KeyboardInterrupt/);
    assert.deepEqual(notebook.outputs(at + 1), []);
    await notebook.run(at + 1);
    assert.deepEqual(notebook.outputs(at + 1), ['next\n']);
  });
});

describe('A notebook and its kernel', () => {
  let api: BineApi;
  let notebook: OpenNotebook;
  const open = async (...sources: string[]) => (notebook = await openNotebook(api, await writeNotebook(sources)));

  before(async function () {
    api = await prepare(this);
  });
  afterEach(async () => {
    await notebook.session.shutDown();
    await closeNotebook();
  });

  it('restarts: the variables are gone, and numbers begin at 1', async () => {
    await open('x = 1', 'x');
    await notebook.run();
    await notebook.session.restart();
    await notebook.start(1);
    await until(vscode.workspace.onDidChangeNotebookDocument, () => notebook.cell(1).executionSummary?.success === false || undefined);
    assert.match(notebook.outputs(1).join(''), /NameError/);
    assert.equal(notebook.cell(1).executionSummary?.executionOrder, 1);
  });

  const replacements: [string, () => Promise<void>][] = [
    ['its memory is changed', () => notebook.session.resize({ memory: 1024, cores: 1, gpus: 0 })],
    ['it restarts', () => notebook.session.restart()],
    ['it is shut down', () => notebook.session.shutDown()],
  ];
  for (const [what, replace] of replacements) {
    it(`runs on the next kernel what is run while ${what}`, async () => {
      await open('x = 1', 'print("x" in globals())');
      await notebook.run(0);
      await Promise.all([replace(), notebook.session.run([notebook.cell(1)], environment)]);
      assert.deepEqual(await notebook.untilShown(1, (outputs) => outputs.length > 0), ['False\n']);
      await until(vscode.workspace.onDidChangeNotebookDocument, () => notebook.cell(1).executionSummary?.success || undefined);
      assert.equal(notebook.cell(1).executionSummary?.executionOrder, 1);
      await notebook.run(1);
      assert.equal(notebook.cell(1).executionSummary?.executionOrder, 2);
    });

    it(`shows the next run of a cell that was run just before ${what}`, async () => {
      await open('print("before")');
      await notebook.run(0);
      const run = notebook.session.run([notebook.cell(0)], environment);
      await Promise.allSettled([run, replace()]);
      const { document } = notebook.cell(0);
      const edit = new vscode.WorkspaceEdit();
      edit.replace(document.uri, document.lineAt(0).range, 'print("after")');
      await vscode.workspace.applyEdit(edit);
      // Not by the button: VS Code does nothing at all while the run before is still shown as going on.
      await notebook.session.run([notebook.cell(0)], environment);
      await notebook.untilShown(0, (outputs) => outputs.join() === 'after\n');
      await until(vscode.workspace.onDidChangeNotebookDocument, () => notebook.cell(0).executionSummary?.success || undefined);
    });
  }

  it('says why its kernel died, and gets a new one with the next run', async () => {
    await open('import os, signal\nos.kill(os.getpid(), signal.SIGKILL)', 'print("alive")');
    await notebook.start(0);
    await until(vscode.workspace.onDidChangeNotebookDocument, () => notebook.cell(0).executionSummary?.success === false || undefined);
    assert.match(notebook.outputs(0).join(''), /KernelDied/);
    await until(notebook.session.onDidChange, () => notebook.session.kernel?.state === 'dead' || undefined);
    await notebook.run(1);
    assert.deepEqual(notebook.outputs(1), ['alive\n']);
  });

  it('that was closed while it ran shows each output once, and goes on live', async () => {
    const loop = (from: number) =>
      `import time\nfor i in range(${from}, ${from + 30}):\n    print("tick", i, flush=True)\n    time.sleep(0.05)`;
    await open(loop(0), loop(30), loop(60));
    await notebook.start();
    await notebook.untilShown(0, (outputs) => outputs.join('').includes('tick 3\n'));
    await closeNotebook();
    const { uri } = notebook.document;
    notebook = await openNotebook(api, uri);
    await notebook.untilShown(2, (outputs) => outputs.join('').includes('tick 89'));
    for (const cell of [0, 1, 2]) {
      const expected = Array.from({ length: 30 }, (_, tick) => `tick ${cell * 30 + tick}\n`).join('');
      await notebook.untilShown(cell, (outputs) => outputs.join('') === expected);
      await until(vscode.workspace.onDidChangeNotebookDocument, () => notebook.cell(cell).executionSummary?.success || undefined);
    }
  });

  it('that is opened again after everything ended shows what the file does not have, and nothing changes what the file has', async () => {
    await open('print("saved")', 'print("not saved")');
    await notebook.run(0);
    await notebook.document.save();
    const { uri } = notebook.document;
    await notebook.run(1);
    await closeNotebook();
    notebook = await openNotebook(api, uri);
    await notebook.untilShown(1, (outputs) => outputs[0] === 'not saved\n');
    assert.deepEqual(notebook.outputs(0), ['saved\n']);
    await notebook.document.save();
    await closeNotebook();
    notebook = await openNotebook(api, uri);
    await notebook.untilRun(1, ({ state }) => state === 'ended');
    assert.equal(notebook.document.isDirty, false);
  });

  it('that is opened again keeps numbers, ticks and times, and its file byte for byte', async () => {
    const late = 'import asyncio\nasyncio.get_event_loop().call_later(1, lambda: print("late"));';
    await open('print("a")', late, '1/0');
    const { uri } = notebook.document;
    await notebook.start();
    await notebook.untilShown(1, (outputs) => outputs.join('') === 'late\n');
    const counts = () => [0, 1, 2].map((index) => notebook.cell(index).executionSummary?.executionOrder);
    const isComplete = () => [0, 1, 2].every((index) => notebook.cell(index).executionSummary?.timing?.endTime !== undefined);
    await until(vscode.workspace.onDidChangeNotebookDocument, () => isComplete() || undefined);
    assert.deepEqual(counts(), [1, 2, 3]);
    const shown = () => [0, 1, 2].map((index) => notebook.cell(index).executionSummary);
    const before = shown();
    assert.equal(notebook.document.isDirty && !(await notebook.document.save()), false);
    const file = text(await vscode.workspace.fs.readFile(uri));
    await closeNotebook();
    notebook = await openNotebook(api, uri);
    await until(vscode.workspace.onDidChangeNotebookDocument, () => (isComplete() && counts().every((count) => count)) || undefined);
    assert.deepEqual(shown(), before);
    assert.equal(notebook.document.isDirty, false);
    await notebook.document.save();
    assert.equal(text(await vscode.workspace.fs.readFile(uri)), file);
  });

  /** What the file has once all of it is saved, which takes a second save where VS Code did not wait for the counts. */
  const savedCounts = async (expected: (number | null)[]) => {
    const saved = until(vscode.workspace.onDidSaveNotebookDocument, async () => {
      const file = JSON.parse(text(await vscode.workspace.fs.readFile(notebook.document.uri))) as {
        cells: { execution_count: number | null }[];
      };
      return isDeepStrictEqual(
        file.cells.map(({ execution_count: count }) => count),
        expected,
      )
        ? true
        : undefined;
    });
    await notebook.document.save();
    await saved;
  };

  it('is saved with the numbers of its cells, also of one that runs', async () => {
    await open('x = 1', 'y = 2', 'print("waits", flush=True)\ninput()');
    await notebook.start();
    const { question } = await notebook.untilRun(2, (run) => run.question !== null);
    await savedCounts([1, 2, 3]);
    notebook.session.answer(question!, 'go');
    await until(vscode.workspace.onDidChangeNotebookDocument, () => notebook.cell(2).executionSummary?.success || undefined);
    await savedCounts([1, 2, 3]);
  });

  it('is saved with the numbers of its cells, although VS Code does not wait for them', async () => {
    await open('x = 1', 'y = 2');
    await notebook.run();
    // VS Code waits 1.75 s for all who have to add something, and takes nothing of anybody then.
    const slow = vscode.workspace.onWillSaveNotebookDocument((event) => {
      slow.dispose();
      event.waitUntil(new Promise((resolve) => void setTimeout(resolve, 4000)));
    });
    await savedCounts([1, 2]);
  });

  it('is saved with numbers that its cells had before, after a restart and after late output', async () => {
    await open('x = 1', 'import asyncio\nasyncio.get_event_loop().call_later(1, lambda: print("late"));', 'z = 3');
    await notebook.run();
    await savedCounts([1, 2, 3]);
    await notebook.untilShown(1, (outputs) => outputs.join('') === 'late\n');
    await savedCounts([1, 2, 3]);
    await notebook.session.restart();
    await notebook.run();
    await savedCounts([1, 2, 3]);
  });

  it('is saved as other Jupyter clients read it', async () => {
    await open('print("a")\n1', 'import sys\nprint("err", file=sys.stderr)\n1/0');
    await notebook.run(0);
    await notebook.start(1);
    await until(vscode.workspace.onDidChangeNotebookDocument, () => notebook.cell(1).executionSummary?.success === false || undefined);
    await notebook.document.save();
    const file = JSON.parse(text(await vscode.workspace.fs.readFile(notebook.document.uri))) as {
      cells: { id: string; execution_count: number; outputs: { output_type: string; traceback?: string[] }[] }[];
      metadata: Record<string, unknown>;
    };
    assert.deepEqual(file.cells[0]!.outputs, [
      { name: 'stdout', output_type: 'stream', text: ['a\n'] },
      { data: { 'text/plain': ['1'] }, execution_count: 1, metadata: {}, output_type: 'execute_result' },
    ]);
    const [stderr, error] = file.cells[1]!.outputs;
    assert.deepEqual(stderr, { name: 'stderr', output_type: 'stream', text: ['err\n'] });
    assert.equal(error!.output_type, 'error');
    assert.ok(error!.traceback!.length > 1, 'the traceback keeps its lines');
    assert.deepEqual(
      file.cells.map(({ id, execution_count: count }) => [id, count]),
      [
        ['cell-0', 1],
        ['cell-1', 2],
      ],
    );
    assert.deepEqual(file.metadata['bine'], { environment });
  });
});
