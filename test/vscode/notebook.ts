/** The notebook in the active editor: its cells, what they show, and its toolbar. */
import type { FrameLocator, Locator, Page } from 'playwright-core';

export type CellState = 'success' | 'error' | 'executing' | 'pending';

export type Notebook = {
  /** The cell at an index, scrolled into view. Cells outside the view are not in the page. */
  cell(index: number): Promise<Locator>;
  /** Where outputs are drawn: a webview, apart from the workbench's own page. */
  outputs: FrameLocator;
  /** Outputs that show this. */
  output(text: string | RegExp): Locator;
  runCell(index: number): Promise<void>;
  runAll(): Promise<void>;
  /** A button of the notebook's toolbar, by its name. */
  toolbar(name: string): Promise<void>;
  selectKernel(name: string): Promise<void>;
  /** Waits until the cell's status is this. */
  waitForState(index: number, state: CellState, timeout?: number): Promise<void>;
  executionOrder(index: number): Promise<string>;
};

const icons: Record<CellState, string> = {
  success: '.codicon-notebook-state-success',
  error: '.codicon-notebook-state-error',
  executing: '.codicon-notebook-state-executing',
  pending: '.codicon-notebook-state-pending',
};

export function createNotebook(page: Page): Notebook {
  const editor = page.locator('.notebookOverlay:visible');
  const outputs = page.frameLocator('.webview-container:visible iframe, iframe.webview.ready:visible').frameLocator('#active-frame');
  const row = (index: number) => editor.locator(`.cell-list-container .monaco-list-row[data-index="${index}"]`);

  async function cell(index: number): Promise<Locator> {
    await row(index).scrollIntoViewIfNeeded();
    return row(index);
  }
  async function toolbar(name: string): Promise<void> {
    await editor.locator(`.notebook-toolbar-container .action-label[aria-label^="${name}"]`).first().click();
  }
  return {
    cell,
    outputs,
    output: (text) => outputs.locator('.output', { hasText: text }),
    async runCell(index) {
      const target = await cell(index);
      await target.hover();
      await target.locator('.run-button-container .action-label').first().click();
    },
    runAll: () => toolbar('Run All'),
    toolbar,
    async selectKernel(name) {
      await editor.locator('.kernel-action-view-item').click();
      await page.locator('.quick-input-widget:visible .monaco-list-row', { hasText: name }).first().click();
    },
    async waitForState(index, state, timeout = 30_000) {
      await (await cell(index)).locator(icons[state]).first().waitFor({ timeout });
    },
    executionOrder: async (index) => (await cell(index)).locator('.execution-count-label').innerText(),
  };
}
