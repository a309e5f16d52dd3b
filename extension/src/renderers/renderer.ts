/** What renderers of outputs share. They run in the notebook's page: VS Code loads each when the first output of its kind is shown. */

/** As VS Code hands it over. */
export type OutputItem = {
  id: string;
  mime: string;
  metadata: unknown;
  json(): unknown;
};

export type Renderer = {
  renderOutputItem(item: OutputItem, element: HTMLElement, signal?: AbortSignal): Promise<void>;
  /** Without an id: all. */
  disposeOutputItem(id?: string): void;
};

export type Drawing = {
  /** The colours of the editor have changed. */
  recolour?(): unknown;
  dispose(): void;
};

export type Draw = (item: OutputItem, element: HTMLElement) => Promise<Drawing>;

/** @param what as in "This figure cannot be drawn" */
export function createRenderer(what: string, draw: Draw): Renderer {
  const drawings = new Map<string, Drawing>();
  const recolour = () => {
    for (const drawing of drawings.values()) drawing.recolour?.();
  };
  new MutationObserver(recolour).observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-id'] });

  function disposeOutputItem(id?: string): void {
    for (const each of id === undefined ? [...drawings.keys()] : [id]) {
      drawings.get(each)?.dispose();
      drawings.delete(each);
    }
  }
  return {
    disposeOutputItem,
    async renderOutputItem(item, element, signal) {
      disposeOutputItem(item.id);
      element.replaceChildren();
      try {
        const drawing = await draw(item, element);
        if (signal?.aborted) drawing.dispose();
        else drawings.set(item.id, drawing);
      } catch (error) {
        element.replaceChildren(failure(what, error));
      }
    },
  };
}

function failure(what: string, error: unknown): HTMLElement {
  const said = document.createElement('p');
  said.setAttribute('role', 'alert');
  said.style.color = 'var(--vscode-errorForeground)';
  said.textContent = `${what} cannot be drawn: ${error instanceof Error ? error.message : String(error)}`;
  return said;
}

export type Colours = { text: string; lines: string };

/** Of the editor's theme. */
export function colours(): Colours {
  const style = getComputedStyle(document.documentElement);
  const of = (...names: string[]) => names.map((name) => style.getPropertyValue(`--vscode-${name}`).trim()).find(Boolean);
  return {
    text: of('editor-foreground', 'foreground') ?? '#888',
    lines: of('editorIndentGuide-background1', 'editorIndentGuide-background', 'widget-border', 'contrastBorder') ?? '#8884',
  };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a screen reader says of it, and where the Tab key stops. */
export function describe(element: HTMLElement, title: unknown, otherwise: string): void {
  element.tabIndex = 0;
  element.setAttribute('role', 'figure');
  element.setAttribute('aria-label', typeof title === 'string' && title !== '' ? title : otherwise);
}
