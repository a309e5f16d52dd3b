/**
 * Asks a gateway for its health again and again, in a process of its own, and says how long the slowest answer took. What the probe itself
 * was late (the machine is busy) is taken off.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { apiPrefix } from '@bine/shared';

/** Milliseconds. */
export type Probed = { asked: number; slowest: number; ownDelay: number };

const pauseMilliseconds = 5;

/** Begins to ask; the returned function ends it. */
export async function startProbe(url: string): Promise<() => Promise<Probed>> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', import.meta.filename, url], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'readable');
  return async () => {
    child.stdin.end();
    return JSON.parse((await text(child.stdout)).slice('ready\n'.length)) as Probed;
  };
}

async function probe(url: string): Promise<Probed> {
  const agent = new Agent({ keepAlive: true });
  const own = monitorEventLoopDelay({ resolution: 1 });
  own.enable();
  const over = new AbortController();
  process.stdin.on('end', () => over.abort()).resume();
  let asked = 0;
  let slowest = 0;
  let ownDelay = 0;
  while (!over.signal.aborted) {
    own.reset();
    const began = performance.now();
    const request = get(`${url}${apiPrefix}/health`, { agent });
    const [response] = (await once(request, 'response')) as [import('node:http').IncomingMessage];
    const took = performance.now() - began - own.max / 1e6;
    response.resume();
    await once(response, 'end');
    asked += 1;
    if (asked === 1) process.stdout.write('ready\n');
    slowest = Math.max(slowest, took);
    ownDelay = Math.max(ownDelay, own.max / 1e6);
    await delay(pauseMilliseconds);
  }
  agent.destroy();
  return { asked, slowest: Math.round(slowest), ownDelay: Math.round(ownDelay) };
}

if (process.argv[1] === import.meta.filename) process.stdout.write(JSON.stringify(await probe(process.argv[2]!)));
