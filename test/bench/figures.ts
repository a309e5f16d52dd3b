/** Samples, and the table they end in. */

export type Figures = { median: number; low: number; high: number };

/** Median and quartiles. */
export function figures(samples: readonly number[]): Figures {
  const sorted = samples.toSorted((one, other) => one - other);
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
  return { median: at(0.5), low: at(0.25), high: at(0.75) };
}

export type Row = {
  title: string;
  unit: string;
  digits: number;
  /** One for each column. */
  samples: readonly (readonly number[])[];
};

/** Each cell: the median, its quartiles, and how it compares with the first column. */
export function table(columns: readonly string[], rows: readonly Row[]): string {
  const lines = [['', ...columns], ...rows.map(cells)];
  const widths = lines[0]!.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
  const print = (line: string[]) => line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ');
  return [print(lines[0]!), widths.map((width) => '-'.repeat(width)).join('  '), ...lines.slice(1).map(print)].join('\n');
}

function cells({ title, unit, digits, samples }: Row): string[] {
  const first = figures(samples[0]!).median;
  return [
    `${title}, ${unit}`,
    ...samples.map((column, i) => {
      const { median, low, high } = figures(column);
      const spread = `${median.toFixed(digits)} [${low.toFixed(digits)}–${high.toFixed(digits)}]`;
      return i === 0 ? spread : `${spread} ×${(median / first).toFixed(2)}`;
    }),
  ];
}
