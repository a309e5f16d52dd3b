/** Asks once in so many milliseconds, whoever wants to know. A failure is not remembered. */
export function remembered<T>(milliseconds: number, ask: () => Promise<T>): () => Promise<T> {
  let known: { at: number; answer: Promise<T> } | null = null;
  return () => {
    if (known && performance.now() - known.at < milliseconds) return known.answer;
    const asked = { at: performance.now(), answer: ask() };
    known = asked;
    asked.answer.catch(() => {
      if (known === asked) known = null;
    });
    return asked.answer;
  };
}
