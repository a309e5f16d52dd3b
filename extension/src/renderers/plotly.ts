/** Draws the figures of Plotly, without the network. The strict bundle of plotly.js makes no code of texts. */
import * as Plotly from 'plotly.js-strict-dist-min';
import { type Drawing, type OutputItem, colours, createRenderer, describe, isObject } from './renderer.ts';

type Bag = Record<string, unknown>;

export const activate = () => createRenderer('This figure', draw);

async function draw(item: OutputItem, element: HTMLElement): Promise<Drawing> {
  const figure = item.json();
  if (!isObject(figure) || !Array.isArray(figure['data'])) throw new Error('its "data" is no list of traces.');
  const { data, layout, frames, config } = figure;
  const given = isObject(layout) ? layout : {};
  const title = isObject(given['title']) ? given['title']['text'] : given['title'];
  const place = element.appendChild(document.createElement('div'));
  describe(place, title, 'Plotly figure');
  await Plotly.newPlot(place, {
    data,
    layout: inTheme(given),
    config: { responsive: true, displaylogo: false, ...(isObject(config) && config), plotlyServerURL: '' },
    ...(Array.isArray(frames) && { frames }),
  });
  reachByKeys(place);
  const resizing = new ResizeObserver(() => place.isConnected && place.offsetWidth > 0 && void Plotly.Plots.resize(place));
  resizing.observe(element);
  return {
    recolour: () => Plotly.relayout(place, coloursOf(given)),
    dispose() {
      resizing.disconnect();
      Plotly.purge(place);
    },
  };
}

/** The template that figures have unless they ask for another: dark text on white, which ours take the place of. */
function isPlain({ template, paper_bgcolor: paper }: Bag): boolean {
  if (paper !== undefined) return false;
  const layout = isObject(template) && isObject(template['layout']) ? template['layout'] : {};
  return layout['paper_bgcolor'] === undefined || (layout['paper_bgcolor'] === 'white' && layout['plot_bgcolor'] === '#E5ECF6');
}

function coloursOf(layout: Bag): Bag {
  if (!isPlain(layout)) return {};
  const { text, lines } = colours();
  const axis = { gridcolor: lines, linecolor: lines, zerolinecolor: lines };
  const own = isObject(layout['template']) ? layout['template'] : {};
  const base = isObject(own['layout']) ? own['layout'] : {};
  const axisOf = (name: string) => ({ ...(isObject(base[name]) && base[name]), ...axis });
  return {
    template: {
      ...own,
      layout: {
        ...base,
        paper_bgcolor: 'rgba(0, 0, 0, 0)',
        plot_bgcolor: 'rgba(0, 0, 0, 0)',
        font: { ...(isObject(base['font']) && base['font']), color: text },
        xaxis: axisOf('xaxis'),
        yaxis: axisOf('yaxis'),
      },
    },
  };
}

function inTheme(layout: Bag): Bag {
  return { ...layout, ...coloursOf(layout) };
}

/** The buttons of the bar above a figure, which Plotly makes for the mouse alone. */
function reachByKeys(place: HTMLElement): void {
  for (const button of place.querySelectorAll<HTMLElement>('.modebar-btn')) {
    button.tabIndex = 0;
    button.setAttribute('role', 'button');
    button.setAttribute('aria-label', button.dataset['title'] ?? '');
  }
  place.addEventListener('keydown', (event) => {
    const button = event.target instanceof HTMLElement && event.target.closest<HTMLElement>('.modebar-btn');
    if (!button || (event.key !== 'Enter' && event.key !== ' ')) return;
    event.preventDefault();
    button.click();
  });
}
