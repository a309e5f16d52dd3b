/** Limits entries of a kind to the first few of each address or user and minute; the others are counted. */

const windowMs = 60_000;
const mostNames = 1000;

export function createFloodLimit(report: (name: string | null, count: number) => void, mostPerWindow = 20) {
  let counts = new Map<string, number>();

  const flush = () => {
    const ended = counts;
    counts = new Map();
    for (const [name, count] of ended) if (count > mostPerWindow) report(name === others ? null : name, count - mostPerWindow);
  };
  const timer = setInterval(flush, windowMs).unref();

  return {
    admit(wanted: string): boolean {
      const name = counts.has(wanted) || counts.size < mostNames ? wanted : others;
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      return count <= mostPerWindow;
    },
    stop(): void {
      clearInterval(timer);
      flush();
    },
  };
}

const others = 'others';
