/** `bine up` */
import { ensureGateway } from '../gateway/ensure.ts';
import type { TlsWishes } from '../gateway/process.ts';
import { defineVerb, wholeNumber } from '../verb.ts';

export const up = defineVerb<{ port?: number; host?: string } & TlsWishes>({
  summary: 'Start the gateway in the background, and the container engine if none answers',
  examples: [
    ['', 'on this machine only, port 7878 or any free one'],
    ['--port 8080', 'on another port'],
    ['--host 0.0.0.0 --tls self-signed', 'for other machines too; set BINE_TRUSTED_HOSTS to the name they use'],
    ['--host 0.0.0.0 --tls-cert cert.pem --tls-key key.pem', 'with a certificate of yours, which may be renewed under way'],
  ],
  options: [
    { flags: '--port <N>', summary: 'Port; 0: any free one', parse: wholeNumber(0, 65_535) },
    { flags: '--host <ADDRESS>', summary: 'Address to listen on (default: 127.0.0.1)' },
    { flags: '--tls <KIND>', summary: 'Make a certificate', choices: ['self-signed'] },
    { flags: '--tls-cert <FILE>', summary: 'Certificate, as PEM' },
    { flags: '--tls-key <FILE>', summary: 'Its key, as PEM' },
    { flags: '--insecure', summary: 'Let other machines come without TLS' },
  ],
  async run(context, { port, host, ...tls }) {
    const { terminal, command } = context;
    const { gateway, before } = await ensureGateway(context, { port, host, tls });
    terminal.print(gateway.url);
    if (before) terminal.say('It was running already.');
    terminal.say(`Open it in VS Code: ${command} code     Stop it: ${command} down`);
  },
});
