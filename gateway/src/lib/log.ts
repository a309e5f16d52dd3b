/** Structured log lines on stdout or in a file. Secrets never get here: log ids and names, not headers. */
import { pino, stdTimeFunctions } from 'pino';
import type { DestinationStream, Logger } from 'pino';
import { fileLines, streamLines } from './log-lines.ts';

export type Log = Logger;

/** @param file where the lines go; null: stdout */
export function createLog(level: string, file: string | null = null): Log {
  const destination: DestinationStream = file === null ? streamLines(1) : fileLines(file);
  const options = { level, base: null, timestamp: stdTimeFunctions.isoTime, formatters: { level: (label: string) => ({ level: label }) } };
  return pino(options, destination);
}
