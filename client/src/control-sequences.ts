/** Texts with control sequences in pieces, as ECMA-48 and xterm have them. */

export const esc = '\u001b';

/** Characters. A sequence that is longer has no end: it is shown. */
export const longestSequence = 4096;

/** Groups: `text`; `control`; `parameters` and `verb` of a CSI; `single`, a sequence of two characters; `cut`, whose rest has not come yet. */
export const controlTokens = new RegExp(
  [
    String.raw`(?<text>[^\x00-\x08\x0a-\x1f\x7f-\x9f]+)`,
    String.raw`${esc}\[(?<parameters>[0-?]*)[ -/]*(?<verb>[@-~])`,
    // Titles, links and other strings with an end; character sets; sequences of two characters.
    String.raw`${esc}[\]PX^_][^\x00-\x1f\x7f]*(?:\x07|${esc}\\)`,
    String.raw`${esc}[ -/]+[0-~]`,
    String.raw`${esc}(?<single>[0-OQ-WYZ\\\x60-~])`,
    String.raw`(?<cut>${esc}(?:\[[0-?]*[ -/]*|[\]PX^_][^\x00-\x1f\x7f]*${esc}?|[ -/]*)$)`,
    // What only begins like a sequence.
    String.raw`${esc}\[[0-?]*[ -/]*`,
    '(?<control>[^])',
  ].join('|'),
  'gu',
);
