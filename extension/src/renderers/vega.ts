/** Draws charts of Vega and Vega-Lite, as Altair makes them, without the network. Expressions are interpreted: no code is made of texts. */
import embed, { type EmbedOptions } from 'vega-embed';
import { expressionInterpreter } from 'vega-interpreter';
import { type Drawing, type OutputItem, colours, createRenderer, describe, isObject } from './renderer.ts';

export const activate = () => createRenderer('This chart', draw);

async function draw(item: OutputItem, element: HTMLElement): Promise<Drawing> {
  const spec = item.json();
  if (!isObject(spec)) throw new Error('it is no specification.');
  const figure = element.appendChild(document.createElement('div'));
  describe(figure, titleOf(spec), 'Vega chart');
  // Vega describes what it draws in by itself, as any visualization.
  const place = figure.appendChild(document.createElement('div'));
  const show = () => embed(place, spec, { ...optionsOf(item), config: configOf() });
  let shown = await show();
  // What is as wide as its container hears of changes from the window.
  const resizing = new ResizeObserver(() => spec['width'] === 'container' && window.dispatchEvent(new Event('resize')));
  resizing.observe(element);
  return {
    async recolour() {
      shown.finalize();
      shown = await show();
    },
    dispose() {
      resizing.disconnect();
      shown.finalize();
    },
  };
}

function titleOf({ title, description }: Record<string, unknown>): unknown {
  return description ?? (isObject(title) ? title['text'] : title);
}

/** Those of the display that the kernel may ask for; none of them is code. */
function optionsOf({ mime, metadata }: OutputItem): EmbedOptions {
  const own = isObject(metadata) && isObject(metadata[mime]) ? metadata[mime]['embed_options'] : null;
  const { renderer, scaleFactor, theme } = (isObject(own) ? own : {}) as EmbedOptions;
  return {
    mode: mime.includes('vegalite') ? 'vega-lite' : 'vega',
    ast: true,
    expr: expressionInterpreter,
    actions: { export: true, source: false, compiled: false, editor: false },
    ...(renderer && { renderer }),
    ...(scaleFactor && { scaleFactor }),
    ...(theme && { theme }),
  };
}

/** Where the chart itself does not say it. */
function configOf(): NonNullable<Exclude<EmbedOptions['config'], string>> {
  const { text, lines } = colours();
  const labels = { labelColor: text, titleColor: text };
  return {
    background: 'transparent',
    axis: { ...labels, gridColor: lines, domainColor: lines, tickColor: lines },
    legend: labels,
    header: labels,
    title: { color: text, subtitleColor: text },
    view: { stroke: lines },
    text: { color: text },
  };
}
