/** The process behind `./bine`: its streams, its signals, its exit code. */
import { constants } from 'node:os';
import { runCommandLine, exitCodes } from './command-line.ts';

const interrupted = new AbortController();
/** As shells count: 128 and the signal's number, so that whoever sent SIGTERM does not read of a Ctrl+C. */
let codeOfSignal: number = exitCodes.interrupted;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // A second Ctrl+C is somebody who doesn't want to wait for things to end in order.
    if (interrupted.signal.aborted) process.exit(codeOfSignal);
    codeOfSignal = 128 + constants.signals[signal];
    interrupted.abort();
  });
}
// The reader of a pipe has seen enough, as in `bine logs | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(exitCodes.done);
});

const { env, stdin, stdout, stderr } = process;
const code = await runCommandLine(process.argv.slice(2), { env, stdin, stdout, stderr, signal: interrupted.signal });
process.exitCode = code === exitCodes.interrupted ? codeOfSignal : code;
