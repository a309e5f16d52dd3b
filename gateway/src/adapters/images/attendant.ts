/**
 * `packages.py` that runs in a container and waits for orders: who changes packages waits for no process to start, which takes longer
 * than many a change.
 */
import { Problem } from '@bine/shared/problems';
import type { Docker } from '../docker/docker.ts';
import { untilAborted } from '../../lib/until-aborted.ts';
import { listen } from './facts.ts';
import type { Told } from './facts.ts';
import type { Masker } from '../secrets/masking.ts';
import { createInside, packagesSpec } from './inside.ts';
import type { BuildProgress } from '../../ports/images.ts';

export type Attendant = {
  /** One order after the other. After one that was cut short it obeys no more. @throws Problem `build-failed` with what it complained of */
  order(command: string, input: Record<string, unknown>, progress: BuildProgress): Promise<Told>;
  /** Whether it, and its container, still run. */
  alive(): boolean;
  leave(): void;
};

type Opening = { container: string; script: string; environment: Record<string, string>; masker: Masker; signal: AbortSignal };

const askMilliseconds = 10_000;

export async function openAttendant(
  docker: Pick<Docker, 'converse' | 'exec' | 'execBytes'>,
  { container, script, environment, masker, signal }: Opening,
): Promise<Attendant> {
  const { connection, lines } = await docker.converse(container, packagesSpec([script, 'attend'], environment), signal);
  // Whoever reads hears of it; nobody does when its container goes in between.
  connection.on('error', () => undefined);
  const inside = createInside(docker, environment);
  const words = lines[Symbol.asyncIterator]();
  let last: Promise<unknown> = Promise.resolve();

  /** It may have ended since its container had no more memory. null: no, or the container has ended, too. */
  async function limitMet(): Promise<Problem | null> {
    const asked = { signal: AbortSignal.timeout(askMilliseconds), onLine: () => undefined };
    try {
      await inside.run({ container, program: [script], command: 'limits' }, {}, asked);
      return null;
    } catch (error) {
      return error instanceof Problem && error.code === 'build-failed' ? error : null;
    }
  }

  async function obey(order: string, { signal, onLine }: BuildProgress): Promise<Told> {
    const listening = listen(onLine, masker);
    connection.write(order);
    for (;;) {
      const { done, value } = await untilAborted(words.next(), signal);
      if (done) throw (await limitMet()) ?? listening.problem('The container in which packages are changed has ended. Try again.');
      const code = listening.take(value);
      if (code === 0) return listening.told;
      if (code !== null) throw listening.problem(`It ended with exit code ${code}.`);
    }
  }

  return {
    async order(command, input, progress) {
      const order = `${JSON.stringify({ ...input, command })}\n`;
      const turn = last.then(async () => {
        progress.signal.throwIfAborted();
        return obey(order, progress);
      });
      // The next one waits for its end, however it ends.
      last = turn.catch((): void => void (progress.signal.aborted && connection.destroy()));
      return turn;
    },
    alive: () => !connection.destroyed && connection.readable,
    leave: () => void connection.destroy(),
  };
}
