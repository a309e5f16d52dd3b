/** What does not go along with files that are sent, by the reason. */

const shown = 5;

export type LeftOut = {
  add(reason: string, path: string): void;
  /** A sentence for each reason, with the first names. */
  sentences(): string[];
};

export function createLeftOut(): LeftOut {
  const byReason = new Map<string, string[]>();
  return {
    add(reason, path) {
      byReason.set(reason, [...(byReason.get(reason) ?? []), path]);
    },
    sentences() {
      return [...byReason].map(([reason, paths]) => {
        const names = paths.slice(0, shown).map(quoted).join(', ');
        const more = paths.length > shown ? ` and ${paths.length - shown} more` : '';
        return `Left out (${paths.length}), ${reason}: ${names}${more}.`.slice(0, 2000);
      });
    },
  };
}

/** Names that would not stand in a line stand as JSON has them. */
function quoted(path: string): string {
  return /^[^\p{Cc}\\",\uFFFD]+$/u.test(path) ? path : JSON.stringify(path);
}
