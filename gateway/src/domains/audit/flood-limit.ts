/** Of entries about strangers, the first few of each address and minute; the others are counted. */

const windowMs = 60_000;
const mostPerWindow = 20;
const mostAddresses = 1000;

export function createFloodLimit(report: (address: string | null, count: number) => void) {
  let counts = new Map<string, number>();

  const flush = () => {
    const ended = counts;
    counts = new Map();
    for (const [address, count] of ended) if (count > mostPerWindow) report(address === others ? null : address, count - mostPerWindow);
  };
  const timer = setInterval(flush, windowMs).unref();

  return {
    admit(address: string): boolean {
      const name = counts.has(address) || counts.size < mostAddresses ? address : others;
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
