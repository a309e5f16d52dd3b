import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { placeOf } from '../src/files/uri.ts';
import { bytes } from './bine.ts';
import { type OpenNotebook, closeNotebook, environment, mimes, openNotebook, prepare, writeNotebook } from './notebook.ts';

describe('Libraries in a notebook', () => {
  let notebook: OpenNotebook;
  const plotly = 'application/vnd.plotly.v1+json';

  before(async function () {
    notebook = await openNotebook(await prepare(this), await writeNotebook([]));
  });
  after(async () => {
    await notebook.session.shutDown();
    await closeNotebook();
  });

  async function run(source: string): Promise<vscode.NotebookCell> {
    const at = await notebook.add(source);
    await notebook.run(at);
    return notebook.cell(at);
  }

  it('show figures and charts as data, which the editor draws itself', async () => {
    const figure = await run('import plotly.graph_objects as go\nfig = go.Figure(go.Scatter(x=[1, 2], y=[3, 4]))\nfig.show()\nfig');
    assert.deepEqual(
      figure.outputs.map(({ items }) => items.some(({ mime }) => mime === plotly)),
      [true, true],
    );
    assert.deepEqual(
      mimes(figure)
        .flat()
        .filter((mime) => mime === 'text/html'),
      [],
    );
    const chart = await run('import altair as alt\nalt.Chart(alt.Data(values=[{"a": 1}])).mark_point().encode(x="a:Q")');
    assert.deepEqual(mimes(chart), [['application/vnd.vegalite.v6.json', 'text/plain']]);
  });

  it('are obeyed where a program sets them up itself', async () => {
    const figure = await run('import plotly.io as pio\npio.renderers.default = "json"\nfig.show()');
    assert.deepEqual(mimes(figure), [['application/json']]);
  });

  it('show bars of progress as text, also where widgets are installed', async () => {
    for (const source of ['tqdm.auto import tqdm, trange', 'tqdm.notebook import tqdm, trange']) {
      const bar = await run(
        `from ${source}\nimport ipywidgets\nfor i in tqdm(range(3), desc="a", ncols="100%", disable=None):\n    pass\nfor i in trange(2, display=True):\n    pass`,
      );
      const shown = notebook.outputs(bar.index).join('');
      assert.match(shown, /a: 100%\|.*3\/3/);
      assert.match(shown, /100%\|.*2\/2/);
      assert.doesNotMatch(shown, /Warning|HBox/);
    }
  });

  it('know that it is a notebook', async () => {
    const table = await run('from rich.table import Table\nfrom rich import print\nprint(Table("a"))');
    assert.ok(mimes(table)[0]!.includes('text/html'), mimes(table).join());
    const { index } = await run('get_ipython().__class__');
    assert.deepEqual(notebook.outputs(index), ['ipykernel.zmqshell.ZMQInteractiveShell']);
  });

  it('show of a widget what it is', async () => {
    const { index } = await run('import ipywidgets\nipywidgets.IntSlider(3)');
    assert.match(notebook.outputs(index).join(), /^IntSlider\(value=3/);
  });

  it('run another notebook', async () => {
    const other = vscode.Uri.joinPath(notebook.document.uri, '../other.ipynb');
    const cell = { cell_type: 'code', id: 'a', metadata: {}, execution_count: null, outputs: [], source: 'from_other = 42' };
    await vscode.workspace.fs.writeFile(other, bytes(JSON.stringify({ cells: [cell], metadata: {}, nbformat: 4, nbformat_minor: 5 })));
    const { index } = await run(`%run ${placeOf(other)!.path}\nfrom_other`);
    assert.deepEqual(notebook.outputs(index), ['42']);
  });
});

describe('A notebook in another language', () => {
  after(closeNotebook);

  it('is refused with what converts it, and stays as it is', async function () {
    const metadata = { kernelspec: { name: 'ir', display_name: 'R', language: 'R' }, language_info: { name: 'R' } };
    const notebook = await openNotebook(await prepare(this), await writeNotebook(['x <- 1'], metadata));
    const refusal = { code: 'invalid', message: /written in R, and .* "jupyter nbconvert --to script test.ipynb"/ };
    await assert.rejects(notebook.session.run([notebook.cell(0)], environment), refusal);
    assert.equal(notebook.document.isDirty, false);
  });
});
