/** A tree of the side bar: the explorer, or a view of the extension. */
import { errors, type Locator, type Page } from 'playwright-core';

/** Milliseconds in which a menu goes once its entry was chosen. */
const moment = 1000;

export type Tree = {
  pane: Locator;
  /** Items with this label. */
  item(label: string | RegExp): Locator;
  /** Opens a path of labels from the top, waiting for each level to load. */
  expand(...labels: string[]): Promise<Locator>;
  /** An inline action of an item, by its title. */
  action(label: string, title: string): Promise<void>;
  /** An entry of an item's context menu. */
  menu(label: string, entry: string): Promise<void>;
};

export function createTree(page: Page, pane: Locator): Tree {
  const item = (label: string | RegExp) =>
    pane.locator('.monaco-list-row[role=treeitem]').filter({ has: page.locator('.label-name').getByText(label, { exact: true }) });
  return {
    pane,
    item,
    async expand(...labels) {
      for (const label of labels) {
        const row = item(label).first();
        await row.waitFor();
        if ((await row.getAttribute('aria-expanded')) === 'false') {
          await row.locator('.monaco-tl-twistie').click();
          await pane
            .locator('.monaco-list-row[aria-expanded=true]')
            .filter({ has: page.locator('.label-name', { hasText: label }) })
            .first()
            .waitFor();
        }
      }
      return item(labels.at(-1)!).first();
    },
    async action(label, title) {
      await item(label).first().hover();
      await item(label).first().locator(`.actions .action-label[aria-label^="${title}"]`).click();
    },
    async menu(label, entry) {
      await item(label).first().click({ button: 'right' });
      const wanted = page.locator('.monaco-menu .action-item', { hasText: entry }).first();
      // A menu takes no notice of the mouse in its first moments.
      for (let tries = 5; ; tries--) {
        await wanted.click();
        try {
          await wanted.waitFor({ state: 'hidden', timeout: moment });
          return;
        } catch (error) {
          if (!(error instanceof errors.TimeoutError) || tries === 0) throw error;
        }
      }
    },
  };
}
