const escape = '\u001b';
const blackOnColor = new RegExp(`${escape}\\[30;4([0-7])m`, 'g');

/**
 * IPython marks what failed in black on a colour. VS Code takes backgrounds away from tracebacks, which leaves black text, unreadable in
 * dark themes: the colour becomes that of the text.
 */
export function readableColors(traceback: string): string {
  return traceback.replaceAll(blackOnColor, `${escape}[3$1m`);
}
