/** What libraries draw: charts without the network, in the colours of the editor; bars that move. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { notebook, writeFile } from '../vscode/sample.ts';
import type { Window } from '../vscode/window.ts';
import { createStage, kernels, ready, type Stage } from './stage.ts';

const cells = [
  'import plotly.graph_objects as go\nfig = go.Figure(go.Scatter(x=[1, 2, 3], y=[2, 1, 3]), layout={"title": {"text": "Loss"}})\nfig.show()',
  'import altair as alt\nrows = alt.Data(values=[{"a": "x", "b": 2}, {"a": "y", "b": 5}])\nalt.Chart(rows, title="Counts").mark_bar().encode(x="a:N", y="b:Q", tooltip="datum.b + 1:Q")',
  'from IPython.display import display\ndisplay({"application/vnd.plotly.v1+json": {"data": 1}}, raw=True)',
  'import time\nfrom tqdm.auto import tqdm\nfor i in tqdm(range(1000)):\n    time.sleep(0.01)',
  'from IPython.display import JSON\nJSON({"name": "bine", "none": None, "deep": {"er": [1.5, True]}, "long": list(range(150))}, root="found")',
];

describe('charts', () => {
  let stage: Stage;
  let window: Window;
  const asked: string[] = [];
  before(async () => {
    stage = await createStage();
    await stage.gateway.api.projects.create({ name: 'charts' });
    await writeFile(stage.gateway, 'charts', 'charts.ipynb', notebook(...cells));
    await ready(stage.gateway, 'charts', 'python-inference');
    window = await stage.workbench.open({ folder: 'bine:/charts' });
    window.page.on('request', (request) => asked.push(request.url()));
    await (await window.explorer()).open('charts.ipynb');
    await window.notebook.selectKernel(kernels.inference);
  });
  after(() => stage[Symbol.asyncDispose]());

  it('of Plotly are drawn, and can be reached by keys', async () => {
    await window.notebook.runCell(0);
    const figure = window.notebook.outputs.getByRole('figure', { name: 'Loss' });
    await figure.locator('.scatterlayer .trace path.js-line').first().waitFor();
    const button = figure.getByRole('button', { name: 'Zoom in' });
    await button.focus();
    await button.press('Enter');
    await window.screenshot('plotly');
  });

  it('of Altair are drawn', async () => {
    await window.notebook.runCell(1);
    const figure = window.notebook.outputs.getByRole('figure', { name: 'Counts' });
    await figure.locator('.marks').first().waitFor();
    await window.screenshot('altair');
  });

  it('that cannot be drawn say why', async () => {
    await window.notebook.runCell(2);
    const said = window.notebook.outputs.getByRole('alert');
    assert.match(await said.innerText(), /This figure cannot be drawn: its "data" is no list of traces/);
  });

  it('of JSON are a tree that keys open', async () => {
    await window.notebook.runCell(4);
    const tree = window.notebook.outputs.getByRole('tree', { name: 'JSON: found' });
    const node = (name: string | RegExp) => tree.getByRole('treeitem', { name });
    await node(/^none: null$/).waitFor();
    assert.equal(await node(/er:/).count(), 0);
    await node(/^deep:/).focus();
    for (const key of ['ArrowRight', 'ArrowDown', 'Enter', 'End', 'ArrowRight', 'End', 'Enter']) await window.page.keyboard.press(key);
    await node(/^1: true$/).waitFor();
    await node(/^149: 149$/).waitFor();
    await window.notebook.show(node(/^149: 149$/));
    await window.screenshot('json');
  });

  it('need nothing from the network', () => {
    assert.deepEqual(
      asked.filter((url) => /cdn\.plot|jsdelivr|plot\.ly|unpkg/.test(url)),
      [],
    );
  });

  it('of progress move while the cell runs', async () => {
    await window.notebook.runCell(3);
    await window.notebook.output(/[1-9]\d?%\|/).waitFor();
    await window.notebook.waitForState(3, 'executing');
    await window.notebook.output(/100%\|.*1000\/1000/).waitFor();
  });
});
