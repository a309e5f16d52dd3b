/** Sizes and times as a person reads them. */

export function bytes(count: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let [value, unit] = [count, 0];
  // From 999.5 on it would be shown with four digits.
  while (value >= (unit === 0 ? 1024 : 999.5) && unit < units.length - 1) [value, unit] = [value / 1024, unit + 1];
  return `${value >= 100 || unit === 0 ? Math.round(value) : Number(value.toPrecision(2))} ${units[unit]}`;
}

/** As short as it can be read: 40s, 3m, 2h, 5d. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

/** How long something took: 0.3s, 12s, 1m 30s, 3h 5m, 5d. */
export function elapsed(milliseconds: number): string {
  const tenths = Math.max(0, Math.round(milliseconds / 100));
  if (tenths < 100) return `${tenths / 10}s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return withRest([Math.floor(seconds / 60), 'm'], [seconds % 60, 's']);
  if (seconds < 172_800) return withRest([Math.floor(seconds / 3600), 'h'], [Math.floor((seconds % 3600) / 60), 'm']);
  return duration(milliseconds);
}

function withRest([value, unit]: [number, string], [rest, smaller]: [number, string]): string {
  return rest === 0 ? `${value}${unit}` : `${value}${unit} ${rest}${smaller}`;
}
