/** The part of plotly.js that is used. */
declare module 'plotly.js-strict-dist-min' {
  export function newPlot(element: HTMLElement, figure: object): Promise<HTMLElement>;
  export function relayout(element: HTMLElement, layout: object): Promise<HTMLElement>;
  export function purge(element: HTMLElement): void;
  export const Plots: { resize(element: HTMLElement): Promise<void> };
}
