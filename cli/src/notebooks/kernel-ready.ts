/** A kernel that can be given work: the notebook's own, or a new one, waited for by events. */
import type { Event, Kernel } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import { asProblem, type Client } from '../client.ts';
import type { Report } from '../steps.ts';

type Wanted = { project: string; environment: string; notebook: string };

const ready = new Set<Kernel['state']>(['idle', 'busy']);
const over = new Set<Kernel['state']>(['dead', 'stopped']);

export async function untilReady(
  { api }: Client,
  wanted: Wanted,
  { signal, report }: { signal: AbortSignal; report: Report },
): Promise<Kernel> {
  const enough = new AbortController();
  // Before the start, so that nothing can happen in between.
  const events = await api.events.subscribe({}, { signal: AbortSignal.any([signal, enough.signal]) });
  try {
    let kernel = await api.kernels.start(wanted);
    if (ready.has(kernel.state)) return kernel;
    for await (const event of events) {
      kernel = newer(kernel, event);
      report(kernel.state);
      if (ready.has(kernel.state)) return kernel;
      if (over.has(kernel.state)) break;
    }
    throw new Problem('conflict', `The kernel did not start: ${kernel.cause ?? `it is ${kernel.state}`}`);
  } catch (error) {
    throw asProblem(error);
  } finally {
    enough.abort();
  }
}

function newer(kernel: Kernel, event: Event): Kernel {
  if (event.type !== 'kernel.changed') return kernel;
  return event.data.id === kernel.id ? event.data : kernel;
}
