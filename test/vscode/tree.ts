/** A tree of the side bar: the explorer, or a view of the extension. */
import type { Locator, Page } from 'playwright-core';
import { click, clickHeard, momentMs, repeat, settlingMs } from './attempts.ts';

export type Tree = {
  pane: Locator;
  /** Items with this label. */
  item(label: string | RegExp): Locator;
  /** Opens a path of labels from the top, waiting for each level to load. */
  expand(...labels: string[]): Promise<Locator>;
  collapse(label: string): Promise<void>;
  select(label: string): Promise<void>;
  /** Opens a file, to stay, and waits for its editor. */
  open(label: string): Promise<void>;
  /** An inline action of an item, by its title. */
  action(label: string, title: string): Promise<void>;
  /** An entry of an item's context menu. */
  menu(label: string, entry: string): Promise<void>;
};

/** A tab in italics is a preview, which the next file takes. */
const openTab = (label: string) => `.tabs-container .tab.active[data-resource-name="${label}"]:not(:has(.italic))`;
/** A notebook's cells are editors of parts of it. */
const editorOf = (label: string) =>
  label.endsWith('.ipynb')
    ? `.notebookOverlay .monaco-editor[data-uri*="/${label}#"]:visible`
    : `.editor-instance .monaco-editor[data-uri$="/${label}"]:visible`;

export function createTree(page: Page, pane: Locator): Tree {
  const item = (label: string | RegExp) =>
    pane.locator('.monaco-list-row[role=treeitem]').filter({ has: page.locator('.label-name').getByText(label, { exact: true }) });
  const first = (label: string) => item(label).first();

  async function fold(label: string, expanded: boolean): Promise<void> {
    await first(label).waitFor();
    const folded = first(label).and(page.locator(`[aria-expanded=${!expanded}]`));
    await repeat(
      async () => (await folded.isVisible()) && click(folded.locator('.monaco-tl-twistie'), { timeout: momentMs }),
      () =>
        first(label)
          .and(page.locator(`:not([aria-expanded=${!expanded}])`))
          .waitFor({ timeout: settlingMs }),
    );
  }
  return {
    pane,
    item,
    async expand(...labels) {
      for (const label of labels) await fold(label, true);
      return first(labels.at(-1)!);
    },
    collapse: (label) => fold(label, false),
    select: (label) =>
      repeat(
        () => click(first(label)),
        () => first(label).and(page.locator('.selected')).waitFor({ timeout: momentMs }),
      ),
    async open(label) {
      await first(label).waitFor();
      await repeat(
        () => first(label).dblclick({ timeout: momentMs }),
        () => page.locator(openTab(label)).waitFor({ timeout: settlingMs }),
      );
      await page.locator(editorOf(label)).first().waitFor();
    },
    action: (label, title) => click(first(label).locator(`.actions .action-label[aria-label^="${title}"]`), { hover: first(label) }),
    async menu(label, entry) {
      const wanted = page.locator('.monaco-menu .action-item', { hasText: entry }).first();
      const isOpen = () => page.locator('.monaco-menu').first().isVisible();
      await first(label).waitFor();
      await repeat(
        async () => {
          if (!(await wanted.isVisible())) {
            // One that opened before its entry was known.
            if (await isOpen()) await page.keyboard.press('Escape');
            await first(label).click({ button: 'right', timeout: momentMs });
            await wanted.waitFor({ timeout: settlingMs });
          }
          // A list that is drawn anew closes the menu, maybe before it is clicked.
          await clickHeard(wanted, 'mouseup');
        },
        // A menu takes no notice of the mouse in its first moments.
        () => wanted.waitFor({ state: 'hidden', timeout: momentMs }),
      );
    },
  };
}
