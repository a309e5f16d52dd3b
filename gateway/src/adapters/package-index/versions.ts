/** Versions of Python packages in their order, as far as PEP 440 needs it for a list: newest first. */

type Parsed = { epoch: number; release: number[]; phase: number; count: number; post: number; dev: number };

const form =
  /^v?(?:(\d+)!)?(\d+(?:\.\d+)*)[-_.]?(?:(a|alpha|b|beta|c|rc|pre|preview)[-_.]?(\d*))?(?:[-_.]?(?:post|rev|r)[-_.]?(\d*)|-(\d+))?(?:[-_.]?dev[-_.]?(\d*))?(?:\+.*)?$/i;
const phases: Record<string, number> = { a: 1, alpha: 1, b: 2, beta: 2, c: 3, rc: 3, pre: 3, preview: 3 };
const final = 4;

export function newestFirst(versions: Iterable<string>): string[] {
  const parsed = [...versions].flatMap((text) => {
    const version = parse(text);
    return version ? [{ text, version }] : [];
  });
  return parsed.sort((one, other) => compare(other.version, one.version)).map(({ text }) => text);
}

function parse(text: string): Parsed | null {
  const match = form.exec(text);
  if (!match) return null;
  const [, epoch, release, phase, count, post, dash, dev] = match;
  // A development version comes before what it is a development of, also before its first alpha.
  const ofFinal = dev !== undefined && phase === undefined && post === undefined && dash === undefined ? 0 : final;
  return {
    epoch: Number(epoch ?? 0),
    release: release!.split('.').map(Number),
    phase: phase ? phases[phase.toLowerCase()]! : ofFinal,
    count: Number(count ?? 0),
    post: post === undefined && dash === undefined ? -1 : Number(post ?? dash),
    dev: dev === undefined ? Number.POSITIVE_INFINITY : Number(dev),
  };
}

function compare(one: Parsed, other: Parsed): number {
  const pairs: [number, number][] = [[one.epoch, other.epoch]];
  for (let index = 0; index < Math.max(one.release.length, other.release.length); index++) {
    pairs.push([one.release[index] ?? 0, other.release[index] ?? 0]);
  }
  pairs.push([one.phase, other.phase], [one.count, other.count], [one.post, other.post], [one.dev, other.dev]);
  const [first, second] = pairs.find(([a, b]) => a !== b) ?? [0, 0];
  return first < second ? -1 : first > second ? 1 : 0;
}
