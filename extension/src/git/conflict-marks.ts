/** The marks that Git leaves in a file where both sides changed it. */

/** Lines, from 0; `base` is where what both began with is shown, too. */
export type Conflict = { start: number; base: number | null; middle: number; end: number };
export type Side = 'current' | 'incoming' | 'both';

export function conflictsIn(lines: readonly string[]): Conflict[] {
  const found: Conflict[] = [];
  let open: Partial<Conflict> = {};
  for (const [line, text] of lines.entries()) {
    if (/^<{7}( |$)/.test(text)) open = { start: line, base: null };
    else if (open.start === undefined) continue;
    else if (/^\|{7}( |$)/.test(text)) open.base = line;
    else if (/^={7}$/.test(text)) open.middle = line;
    else if (/^>{7}( |$)/.test(text) && open.middle !== undefined) {
      found.push({ ...(open as Conflict), end: line });
      open = {};
    }
  }
  return found;
}

/** The lines that stand in place of the conflict. */
export function settled(lines: readonly string[], { start, base, middle, end }: Conflict, side: Side): string[] {
  const current = lines.slice(start + 1, base ?? middle);
  const incoming = lines.slice(middle + 1, end);
  return side === 'current' ? current : side === 'incoming' ? incoming : [...current, ...incoming];
}
