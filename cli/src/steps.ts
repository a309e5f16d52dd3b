/** Long work with its progress and its time: in place on a terminal, as occasional lines where there is none. */
import { formatDuration, lineText, type Terminal } from './terminal.ts';

/** Says what is being done right now. */
export type Report = (detail: string) => void;
/** Runs work under a title, to which its outcome is added if it is a string or can be described: `✓ Gateway: already running`. */
export type Step = <T>(title: string, work: (report: Report) => Promise<T>, describe?: (outcome: T) => string) => Promise<T>;

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const redrawEvery = 120;
const speakAfter = 1000;
const speakEvery = 15_000;

export function createSteps(terminal: Terminal): Step {
  return async (title, work, describe) => {
    const began = Date.now();
    let detail = '';
    const stop = terminal.live ? animate() : speak();

    function animate() {
      let frame = 0;
      const draw = () => {
        const since = terminal.style('dim', `${formatDuration(Math.floor((Date.now() - began) / 1000) * 1000)}  ${detail}`);
        terminal.redraw(`${terminal.style('cyan', frames[frame++ % frames.length]!)} ${title} ${since}`);
      };
      const timer = setInterval(draw, redrawEvery);
      return () => {
        clearInterval(timer);
        terminal.redraw('');
      };
    }

    function speak() {
      let timer = setTimeout(function first() {
        terminal.say(`  ${title} …`);
        timer = setInterval(() => terminal.say(`  ${title} … ${formatDuration(Date.now() - began)}  ${detail}`.trimEnd()), speakEvery);
      }, speakAfter);
      return () => clearTimeout(timer);
    }

    const end = (mark: string, outcome: string) => {
      stop();
      const told = outcome ? `${title}: ${outcome}` : title;
      terminal.say(`${mark} ${told} ${terminal.style('dim', `(${formatDuration(Date.now() - began)})`)}`);
    };
    try {
      const outcome = await work((text) => (detail = lineText(text)));
      end(terminal.style('green', '✓'), describe?.(outcome) ?? (typeof outcome === 'string' ? outcome : ''));
      return outcome;
    } catch (error) {
      end(terminal.style('red', '✗'), '');
      throw error;
    }
  };
}

/** Shows what work that began earlier is doing. */
export async function reportWhile<T>(work: Promise<T>, report: Report, doing: () => string): Promise<T> {
  const timer = setInterval(() => report(doing()), 500);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}
