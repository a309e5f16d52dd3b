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

/** SQLITE_BUSY */
const databaseIsBusy = 5;

/** Null: a mistake in the gateway, which is logged with its stack. */
function reasonOf(error: unknown): string | null {
  if (error instanceof Problem) return error.message;
  const { message, syscall, errcode } = error as Partial<NodeJS.ErrnoException> & { errcode?: number };
  if (errcode === databaseIsBusy)
    return 'The database is locked: another program is writing to bine.db. End that program, then start again.';
  return syscall === undefined ? null : `The system refused something that the gateway needs: ${message}. Mend that, then start again.`;
}

process.exitCode = await main(process.argv.slice(2));
