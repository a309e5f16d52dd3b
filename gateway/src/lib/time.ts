/** @param seconds since 1970 */
export function toTime(seconds: number): string {
  return new Date(Math.round(seconds * 1000)).toISOString();
}
