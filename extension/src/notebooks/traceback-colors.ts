const blackOnColor = new RegExp('\\u001b\\[30;4([0-7])m', 'g');

/**
 * IPython marks what failed in black on a colour. VS Code takes backgrounds away from tracebacks, which leaves black text, unreadable in
 * dark themes: the colour becomes that of the text.
 */
export function readableColors(traceback: string): string {
  return traceback.replaceAll(blackOnColor, '\u001b[3$1m');
}
