/**
 * What a program printed, made safe for the terminal of whoever reads it: colours (SGR) and links to the web (OSC 8) stay, every
 * other control sequence is dropped, because it could move the cursor, write the clipboard, or make the terminal type an answer.
 * Source: ECMA-48, https://invisible-island.net/xterm/ctlseqs/ctlseqs.html, https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda
 */
import { controlTokens, esc, longestSequence } from './control-sequences.ts';
import { changeBetween, changePen, plainPen } from './notebooks/sgr.ts';

export type TerminalFilter = {
  /** A chunk may end anywhere, in the middle of a sequence too. */
  write(chunk: string): string;
  /** What is still to be printed after the last chunk: the end of an open link and of the colours. */
  end(): string;
};

// oxlint-disable-next-line no-control-regex -- They are what is looked for.
const link = /^\u001b\]8;(?:id=[\w.:+/-]{0,250})?;(?<address>https?:\/\/[!-~]{1,2083})?(?:\u0007|\u001b\\)$/i;
const linkEnd = `${esc}]8;;${esc}\\`;

/** A control character of 8 bits is the same as ESC and a character of 7. */
const in7Bits = (text: string) => text.replaceAll(/[\u0080-\u009f]/g, (control) => esc + String.fromCharCode(control.charCodeAt(0) - 0x40));

export function createTerminalFilter(): TerminalFilter {
  let [rest, pen, linked] = ['', plainPen, false];

  function keep(token: string, { text, verb, parameters = '', control, cut }: Partial<Record<string, string>>): string {
    if (text !== undefined) return text;
    if (control !== undefined) return control === '\n' || control === '\r' ? control : '';
    if (cut !== undefined) {
      rest = token;
      return '';
    }
    if (verb === 'm' && token === `${esc}[${parameters}m` && /^[\d;:]*$/.test(parameters)) {
      pen = changePen(pen, parameters);
      return token;
    }
    const found = link.exec(token);
    if (!found || (!linked && !found.groups!.address)) return '';
    linked = found.groups!.address !== undefined;
    return token;
  }

  return {
    write(chunk) {
      let text = rest + in7Bits(chunk);
      rest = '';
      let out = '';
      for (const match of text.matchAll(controlTokens)) out += keep(match[0], match.groups!);
      // It has no end: what follows its first character is text.
      if (rest.length > longestSequence) {
        text = rest.slice(1);
        rest = '';
        for (const match of text.matchAll(controlTokens)) out += keep(match[0], match.groups!);
      }
      return out;
    },
    end() {
      const out = (linked ? linkEnd : '') + changeBetween(pen, plainPen);
      [rest, pen, linked] = ['', plainPen, false];
      return out;
    },
  };
}

/** A text that is whole. */
export function terminalText(text: string): string {
  if (!/[^\t\n\r\u0020-\u007e\u00a0-\uffff]/.test(text)) return text;
  const filter = createTerminalFilter();
  return filter.write(text) + filter.end();
}
