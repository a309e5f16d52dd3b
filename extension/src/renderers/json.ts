/** Shows JSON as a tree: what is in it opens by a click or the arrow keys, and is made only then. */
import { type OutputItem, createRenderer, isObject } from './renderer.ts';

export const activate = () =>
  createRenderer('This JSON', async (item, element) => {
    const { root, expanded } = optionsOf(item);
    const tree = createTree(root);
    const first = createNode({ name: root, value: item.json(), level: 1 });
    tree.append(first);
    // A value alone has nothing to open.
    if (first.ariaExpanded !== null) setExpanded(first, true);
    if (expanded) for (const node of nodesOf(tree).slice(1)) if (node.ariaExpanded !== null) setExpanded(node, true);
    first.tabIndex = 0;
    element.append(sheet(), tree);
    return { dispose: () => element.replaceChildren() };
  });

/** Children that are shown at a time. */
const page = 100;

const style = `
.bine-json { font-family: var(--vscode-editor-font-family, monospace); font-size: var(--vscode-editor-font-size, 13px); line-height: 1.5; }
.bine-json [role=treeitem] { outline: none; }
.bine-json [role=group] { padding-left: 1.5em; }
.bine-json .row { display: flex; gap: 0.5ch; cursor: default; white-space: pre-wrap; overflow-wrap: anywhere; }
.bine-json [aria-expanded] > .row { cursor: pointer; }
.bine-json [role=treeitem]:focus-visible > .row { outline: 1px solid var(--vscode-focusBorder); outline-offset: -1px; }
.bine-json .row:hover { background: var(--vscode-list-hoverBackground); }
.bine-json .twistie { flex: none; width: 1.5ch; text-align: center; }
.bine-json .name { flex: none; max-width: 60%; color: var(--vscode-symbolIcon-propertyForeground, var(--vscode-editor-foreground)); }
.bine-json .note { color: var(--vscode-descriptionForeground); }
.bine-json .string { color: var(--vscode-debugTokenExpression-string); }
.bine-json .number { color: var(--vscode-debugTokenExpression-number); }
.bine-json .boolean, .bine-json .null { color: var(--vscode-debugTokenExpression-boolean); }`;

function sheet(): HTMLStyleElement {
  const element = document.createElement('style');
  element.textContent = style;
  return element;
}

/** What `IPython.display.JSON` was told. */
function optionsOf({ mime, metadata }: OutputItem): { root: string; expanded: boolean } {
  const ofOutput = isObject(metadata) && isObject(metadata['metadata']) ? metadata['metadata'] : metadata;
  const own = isObject(ofOutput) && isObject(ofOutput[mime]) ? ofOutput[mime] : {};
  return { root: typeof own['root'] === 'string' ? own['root'] : 'root', expanded: own['expanded'] === true };
}

type Entry = readonly [name: string, value: unknown];
type Node = { name: string; value: unknown; level: number };

function entriesOf(value: unknown): Entry[] {
  if (Array.isArray(value)) return value.map((each, index) => [String(index), each]);
  return isObject(value) ? Object.entries(value) : [];
}

/** Of what is not made yet, how to make it. */
const unopened = new WeakMap<HTMLElement, () => void>();

function createNode({ name, value, level }: Node): HTMLElement {
  const node = item(level);
  const row = node.appendChild(span('row'));
  const twistie = row.appendChild(span('twistie'));
  twistie.ariaHidden = 'true';
  const shown = valueOf(value);
  row.append(span('name', `${name}:`), shown);
  node.ariaLabel = `${name}: ${shown.textContent}`;
  const entries = entriesOf(value);
  if (entries.length > 0) {
    setExpanded(node, false);
    unopened.set(node, () => {
      const group = node.appendChild(document.createElement('div'));
      group.setAttribute('role', 'group');
      addPage(group, { entries, from: 0, level: level + 1 });
    });
  }
  return node;
}

function item(level: number): HTMLElement {
  const node = document.createElement('div');
  node.setAttribute('role', 'treeitem');
  node.ariaLevel = String(level);
  node.tabIndex = -1;
  return node;
}

type Page = { entries: readonly Entry[]; from: number; level: number };

/** The next ones, and a line for those that are left. */
function addPage(group: HTMLElement, { entries, from, level }: Page): void {
  const until = from + page;
  group.append(...entries.slice(from, until).map(([name, value]) => createNode({ name, value, level })));
  if (until >= entries.length) return;
  const more = item(level);
  more.append(span('row note', `Show ${Math.min(page, entries.length - until)} more of ${entries.length}`));
  more.dataset['more'] = '';
  unopened.set(more, () => {
    addPage(group, { entries, from: until, level });
    const next = more.nextElementSibling as HTMLElement;
    more.remove();
    focus(next);
  });
  group.append(more);
}

function valueOf(value: unknown): HTMLElement {
  if (Array.isArray(value)) return span('note', `[] ${count(value.length, 'item')}`);
  if (isObject(value)) return span('note', `{} ${count(Object.keys(value).length, 'key')}`);
  return span(value === null ? 'null' : typeof value, JSON.stringify(value));
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

function span(className: string, text = ''): HTMLElement {
  const element = document.createElement('span');
  element.className = className;
  element.textContent = text;
  return element;
}

function setExpanded(node: HTMLElement, expanded: boolean): void {
  if (expanded) {
    unopened.get(node)?.();
    unopened.delete(node);
  }
  node.ariaExpanded = String(expanded);
  node.querySelector('.twistie')!.textContent = expanded ? '▾' : '▸';
  const group = node.querySelector<HTMLElement>(':scope > [role=group]');
  if (group) group.hidden = !expanded;
}

/** What is done by pressing or clicking it. */
function act(node: HTMLElement): void {
  if (node.dataset['more'] !== undefined) unopened.get(node)?.();
  else if (node.ariaExpanded !== null) setExpanded(node, node.ariaExpanded !== 'true');
}

function createTree(label: string): HTMLElement {
  const tree = document.createElement('div');
  tree.className = 'bine-json';
  tree.setAttribute('role', 'tree');
  tree.ariaLabel = `JSON: ${label}`;
  tree.addEventListener('click', ({ target }) => {
    const node = (target as Element).closest<HTMLElement>('.row')?.parentElement;
    // Who marks a text to copy it opens nothing.
    if (!node || getSelection()?.type === 'Range') return;
    focus(node);
    act(node);
  });
  tree.addEventListener('keydown', (event) => {
    const node = (event.target as Element).closest<HTMLElement>('[role=treeitem]');
    if (!node || event.ctrlKey || event.metaKey || event.altKey || !press(tree, node, event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  });
  return tree;
}

/** As in every tree. False: the key means nothing here. */
function press(tree: HTMLElement, node: HTMLElement, key: string): boolean {
  const nodes = nodesOf(tree);
  const at = nodes.indexOf(node);
  const isOpen = node.ariaExpanded === 'true';
  const parent = node.parentElement!.closest<HTMLElement>('[role=treeitem]');
  const keys: Record<string, () => void> = {
    ArrowDown: () => focus(nodes[at + 1]),
    ArrowUp: () => focus(nodes[at - 1]),
    Home: () => focus(nodes[0]),
    End: () => focus(nodes.at(-1)),
    ArrowRight: () => (isOpen ? focus(nodes[at + 1]) : node.ariaExpanded === 'false' && setExpanded(node, true)),
    ArrowLeft: () => (isOpen ? setExpanded(node, false) : focus(parent)),
    Enter: () => act(node),
    ' ': () => act(node),
  };
  keys[key]?.();
  return key in keys;
}

/** Those that can be seen, from the top. */
function nodesOf(tree: HTMLElement): HTMLElement[] {
  return [...tree.querySelectorAll<HTMLElement>('[role=treeitem]')].filter((node) => !node.parentElement!.closest('[hidden]'));
}

/** The Tab key stops at one node of a tree. */
function focus(node: HTMLElement | null | undefined): void {
  if (!node) return;
  for (const other of node.closest('[role=tree]')!.querySelectorAll<HTMLElement>('[tabindex="0"]')) other.tabIndex = -1;
  node.tabIndex = 0;
  node.focus();
}
