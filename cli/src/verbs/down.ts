/** `bine down` */
import { removeAllSecrets } from '@bine/gateway/secret-places';
import { askEngine } from '../engine/answer.ts';
import { readDaemon, stopDaemon } from '../engine/daemon.ts';
import { findEngine } from '../engine/engine.ts';
import { clientOf } from '../gateway/ensure.ts';
import { findGateway, stopGateway } from '../gateway/process.ts';
import { defineVerb, type Context } from '../verb.ts';
import { stopBrowser } from '../vscode/browser.ts';

export const down = defineVerb<{ all?: boolean }>({
  summary: 'Stop the gateway; kernels and the browser VS Code go on',
  examples: [
    ['', 'what kernels print meanwhile is shown when you come back'],
    ['--all', 'end the kernels and the browser VS Code too, and the container engine if Bine started it'],
  ],
  options: [{ flags: '--all', summary: 'Also end the kernels, the browser VS Code, and the engine that Bine started' }],
  async run(context, { all = false }) {
    const { home, step, signal, terminal } = context;
    const gateway = await findGateway(home);
    if (gateway && all) await step('Ending kernels', () => endKernels(context));
    if (gateway) await step('Stopping the gateway', async () => void (await stopGateway(home)));
    else terminal.say('The gateway is not running.');
    if (!all) return;
    if (await stopBrowser(home)) terminal.say('✓ Browser VS Code stopped');
    if (gateway) await endStrays(context, gateway.gateway);
    // A program that was still running when the gateway stopped had them.
    if (gateway) await removeAllSecrets(context.host.env, gateway.gateway);
    if (await readDaemon(home)) await step('Stopping Docker Engine', async () => void (await stopDaemon(home, { signal })));
  },
});

/** In order, so that each one's last words are in its log. */
async function endKernels(context: Context): Promise<string> {
  const { api } = await clientOf(context);
  let ended = 0;
  for (const { name: project } of await api.projects.list({})) {
    const kernels = (await api.kernels.list({ project })).filter(({ state }) => state !== 'dead');
    await Promise.all(kernels.map(({ id }) => api.kernels.shutdown({ project, kernel: id })));
    ended += kernels.length;
  }
  return `${ended} ended`;
}

/** Kernels of projects that we are not a member of: their containers carry the gateway's id. */
async function endStrays({ host, home, command, signal }: Context, gateway: string): Promise<void> {
  const found = await findEngine({ env: host.env, home, command }, signal);
  if (!('engine' in found)) return;
  const { socket } = found.engine;
  const filters = encodeURIComponent(JSON.stringify({ label: [`bine.gateway=${gateway}`] }));
  const left = await askEngine<{ Id: string }[]>(socket, `/containers/json?filters=${filters}`, { signal });
  await Promise.all(left.map(({ Id }) => askEngine(socket, `/containers/${Id}/stop?t=10`, { signal, method: 'POST' })));
}
