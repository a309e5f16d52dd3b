/** `bine up` */
import { ensureGateway } from '../gateway/ensure.ts';
import { defineVerb, wholeNumber } from '../verb.ts';

export const up = defineVerb<{ port?: number; host?: string }>({
  summary: 'Start the gateway in the background, and the container engine if none answers',
  examples: [
    ['', 'on this machine only, port 7878 or any free one'],
    ['--port 8080', 'on another port'],
    ['--host 0.0.0.0', 'for other machines too; set BINE_TRUSTED_HOSTS to the name they use'],
  ],
  options: [
    { flags: '--port <N>', summary: 'Port; 0: any free one', parse: wholeNumber(0, 65_535) },
    { flags: '--host <ADDRESS>', summary: 'Address to listen on (default: 127.0.0.1)' },
  ],
  async run(context, { port, host }) {
    const { terminal, command } = context;
    const { gateway, before } = await ensureGateway(context, { port, host });
    terminal.print(gateway.url);
    if (before) terminal.say('It was running already.');
    terminal.say(`Open it in VS Code: ${command} code     Stop it: ${command} down`);
  },
});
