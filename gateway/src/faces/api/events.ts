/** The stream of events. */
import { withEventMeta } from '@orpc/server';
import type { Access } from '../../domains/access/access.ts';
import type { Events } from '../../domains/events/events.ts';
import type { Projects } from '../../domains/projects/projects.ts';
import { trusted } from './base.ts';
import type { Implementer } from './base.ts';
import { seenBefore } from './resuming.ts';

type EventSources = { projects: Pick<Projects, 'visible'>; access: Pick<Access, 'current'> };

export function eventHandlers(os: Implementer, events: Events, { projects, access }: EventSources) {
  return {
    subscribe: trusted(
      os.events.subscribe.handler(async function* ({ context, input, lastEventId, signal = new AbortController().signal }) {
        const { principal } = context;
        const after = seenBefore(lastEventId) ?? input.after;
        // Scopes, role and membership are looked up for each batch: they may have become less meanwhile.
        const only: Parameters<Events['subscribe']>[0]['only'] = async (batch) => {
          const now = access.current(principal);
          return now ? projects.visible(now, batch) : [];
        };
        const reader = { user: principal.admin ? null : principal.user };
        for await (const event of events.subscribe({ after, reader, only, signal })) yield withEventMeta(event, { id: String(event.id) });
        return {};
      }),
    ),
  };
}
