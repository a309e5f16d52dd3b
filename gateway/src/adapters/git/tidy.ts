/** What Git prints for people, made fit for a sentence. */

/** Without terminal codes, overwritten progress, hints, and without whatever stands before an @ in an address. */
export function tidy(said: string): string {
  const lines = said.split('\n').map((line) => line.slice(line.lastIndexOf('\r', line.length - 2) + 1).trimEnd());
  const kept = lines.filter((line) => line !== '' && !line.startsWith('hint:'));
  return withoutUsers(kept.join('\n').replaceAll(/(?![\t\n])\p{Cc}\[[\d;]*[A-Za-z]/gu, ''));
}

/** A repository that was cloned in a terminal may carry a token in its address. */
export const withoutUsers = (text: string): string => text.replaceAll(/([a-z][a-z0-9+.-]*:\/\/)[^\s/'"]*@/gi, '$1');

export function mostLines(text: string, count: number): string {
  const lines = text.split('\n').map((line) => line.replace(/^(?:fatal|error|warning): /, '').replace(/\.$/, ''));
  return lines.length > count ? `${lines.slice(0, count).join('; ')}; …` : lines.join('; ');
}
