/** Structured log lines on stdout. Secrets never get here: log ids and names, not headers. */
import { pino, stdTimeFunctions } from 'pino';
import type { Logger } from 'pino';

export type Log = Logger;

export function createLog(level: string): Log {
  return pino({ level, base: null, timestamp: stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } });
}
