/** Those that wait: a line for each user of each project, first in, first out. */
import type { Amount } from '../capacity/amounts.ts';
import type { ProjectRef } from '../capacity/limits.ts';

/** `submitted` in milliseconds since 1970; `place` grows with each that is added to any line. */
export type InLine = { id: string; project: ProjectRef; user: string; wanted: Amount; submitted: number; place: number };

/** Never empty. */
export type Line<T extends InLine> = { key: string; items: T[] };

export function createLines<T extends InLine>() {
  const lines = new Map<string, Line<T>>();
  const lineOf = new Map<string, Line<T>>();
  /** Where each is in its line, as long as nobody left it. */
  const positions = new Map<Line<T>, Map<string, number>>();
  let places = 0;

  function remove(line: Line<T>, at: number): T {
    const [item] = line.items.splice(at, 1);
    lineOf.delete(item!.id);
    positions.delete(line);
    if (line.items.length === 0) lines.delete(line.key);
    return item!;
  }

  function positionsIn(line: Line<T>): Map<string, number> {
    const known = positions.get(line) ?? new Map(line.items.map(({ id }, at) => [id, at]));
    positions.set(line, known);
    return known;
  }

  return {
    all: (): Line<T>[] => [...lines.values()],
    projects: (): Set<string> => new Set([...lines.values()].map(({ items }) => items[0]!.project.id)),
    count: (): number => lineOf.size,
    add(item: Omit<T, 'place'>): void {
      const key = `${item.project.id}/${item.user}`;
      const line = lines.get(key) ?? { key, items: [] };
      lines.set(key, line);
      places += 1;
      line.items.push({ ...item, place: places } as T);
      lineOf.set(item.id, line);
      positions.delete(line);
    },
    /** The first one. */
    take: (line: Line<T>): T => remove(line, 0),
    /** false: it is in none. */
    leave(id: string): boolean {
      const line = lineOf.get(id);
      if (!line) return false;
      remove(line, positionsIn(line).get(id)!);
      return true;
    },
    find(id: string): { line: Line<T>; at: number } | null {
      const line = lineOf.get(id);
      return line ? { line, at: positionsIn(line).get(id)! } : null;
    },
  };
}
