/** The stream of events. */
import { withEventMeta } from '@orpc/server';
import type { Events } from '../../domains/events/events.ts';
import type { Projects } from '../../domains/projects/projects.ts';
import { trusted } from './base.ts';
import type { Implementer } from './base.ts';
import { seenBefore } from './resuming.ts';

export function eventHandlers(os: Implementer, events: Events, projects: Pick<Projects, 'visible'>) {
  return {
    subscribe: trusted(
      os.events.subscribe.handler(async function* ({ context, input, lastEventId, signal = new AbortController().signal }) {
        const { principal } = context;
        const after = seenBefore(lastEventId) ?? input.after;
        // Membership is looked up for each batch, so that who is removed meanwhile sees no more.
        const only: Parameters<Events['subscribe']>[0]['only'] = (batch) => projects.visible(principal, batch);
        const reader = { user: principal.admin ? null : principal.user };
        for await (const event of events.subscribe({ after, reader, only, signal })) yield withEventMeta(event, { id: String(event.id) });
        return {};
      }),
    ),
  };
}
