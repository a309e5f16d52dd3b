/** The gateway as a program: settings in, signals out. */
import { Problem } from '@bine/shared/problems';
import { readConfig, usage } from './config.ts';
import type { Config } from './config.ts';
import { createGateway } from './gateway.ts';
import { createLog } from './lib/log.ts';

async function main(argv: string[]): Promise<number> {
  if (argv.includes('--help')) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  try {
    return await serve(readConfig(argv, process.env));
  } catch (error) {
    // Only a setting that cannot be read gets here.
    process.stderr.write(`${(error as Error).message}\n\n${usage}\n`);
    return 2;
  }
}

async function serve(config: Config): Promise<number> {
  const log = createLog(config.logLevel, config.logFile);
  const stop = Promise.withResolvers<string>();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop.resolve);
  try {
    await using gateway = await createGateway(config, log);
    const signal = await Promise.race([stop.promise, gateway.ready.then(() => stop.promise)]);
    log.info({ signal }, 'stopping');
    return 0;
  } catch (error) {
    log.fatal(reasonOf(error) ?? { err: error });
    return 1;
  }
}

/** Null: a mistake of ours, of which the log says where it was made. */
function reasonOf(error: unknown): string | null {
  const { message, syscall, errcode } = error as Partial<Record<'message' | 'syscall', string>> & { errcode?: number };
  if (error instanceof Problem) return error.message;
  const databaseIsBusy = 5;
  if (errcode === databaseIsBusy) return 'The database is locked: another program has bine.db open, and writes to it. End that one.';
  // What is in its way may be anything but what a gateway makes there.
  return syscall === undefined ? null : `The gateway cannot use what it needs: ${message}. Look what is at that place.`;
}

process.exitCode = await main(process.argv.slice(2));
