/** The stream of events. */
import { withEventMeta } from '@orpc/server';
import type { Events } from '../../domains/events/events.ts';
import type { Projects } from '../../domains/projects/projects.ts';
import type { Implementer } from './base.ts';

export function eventHandlers(os: Implementer, events: Events, projects: Pick<Projects, 'visible'>) {
  return {
    subscribe: os.events.subscribe.handler(async function* ({ context, input, lastEventId, signal = new AbortController().signal }) {
      const after = /^\d{1,15}$/.test(lastEventId ?? '') ? Number(lastEventId) : input.after;
      // Membership is looked up for each batch, so that who is removed meanwhile sees no more.
      const only: Parameters<Events['subscribe']>[0]['only'] = (batch) => projects.visible(context.principal, batch);
      for await (const event of events.subscribe({ after, only, signal })) yield withEventMeta(event, { id: String(event.id) });
    }),
  };
}
