/** `bine events` */
import type { Event } from '@bine/shared';
import { asProblem } from '../client.ts';
import { jsonText } from '../terminal.ts';
import { defineVerb, wholeNumber } from '../verb.ts';

/** The one or two words that matter. */
function describe({ type, data }: Event): string {
  const { name, id, state, user, role, kernel } = data as Record<string, string | undefined>;
  const what = type.startsWith('kernel.changed') ? id : (name ?? user ?? kernel);
  return [what, state ?? role].filter(Boolean).join(' ');
}

export const events = defineVerb<{ after?: number }>({
  summary: 'Watch what changes in your projects until Ctrl+C',
  examples: [
    ['', 'from now on'],
    ['--after 0 --json', 'everything that is remembered, one JSON object a line'],
  ],
  options: [{ flags: '--after <N>', summary: 'The id of the event you saw last', parse: wholeNumber(0, Number.MAX_SAFE_INTEGER) }],
  json: true,
  async run(context, { after }) {
    const { api } = await context.client();
    const { terminal } = context;
    try {
      for await (const event of await api.events.subscribe(after === undefined ? {} : { after })) {
        if (context.json) terminal.print(jsonText(event));
        else terminal.print([event.id, event.time, event.project ?? '-', event.type, describe(event)].join('  '));
      }
    } catch (error) {
      throw asProblem(error);
    }
  },
});
