/** `bine code` */
import { findProgram, runProgram } from '../programs.ts';
import { clientOf, ensureGateway } from '../gateway/ensure.ts';
import { defineVerb, type Context } from '../verb.ts';
import { addressOf, serveBrowser } from '../vscode/browser.ts';
import { findDesktop, openDesktop } from '../vscode/desktop.ts';
import { packageExtension } from '../vscode/vsix.ts';

export const code = defineVerb<{ project?: string; browser?: boolean }>({
  summary: 'Open a project in VS Code with the extension; where there is no desktop, in a browser',
  examples: [
    ['', 'your only project, or VS Code without one'],
    ['quickstart', 'that project'],
    ['--browser', 'in a browser although VS Code is installed'],
  ],
  arguments: [{ name: 'project', summary: 'Project', optional: true }],
  options: [{ flags: '--browser', summary: 'Serve VS Code to a browser' }],
  async run(context, { project, browser = false }) {
    const { home, host, step, signal, terminal } = context;
    await ensureGateway(context);
    const name = project ?? (await onlyProject(context));
    const client = await clientOf(context);
    if (name) await client.api.projects.get({ project: name });
    const uri = name ? `bine:/${name}` : null;
    const run = { env: host.env, signal };
    const vsix = await step('Extension', (report) => packageExtension(home, { ...run, report }));
    const desktop = browser ? null : await findDesktop(host.env);
    if (desktop) {
      await step('Opening VS Code', () => openDesktop(desktop, { vsix, home, uri }, run));
      return;
    }
    const served = await step('VS Code in the browser', (report) => serveBrowser({ home, vsix, client }, { ...run, report }));
    const address = addressOf(served, uri);
    terminal.print(address);
    await openLink(address, context);
  },
});

async function onlyProject(context: Context): Promise<string | undefined> {
  const all = await (await clientOf(context)).api.projects.list({});
  return all.length === 1 ? all[0]!.name : undefined;
}

/** The address is enough where there is no desktop to open it on. */
async function openLink(address: string, { host, signal, terminal, command }: Context): Promise<void> {
  const opener = host.env.DISPLAY || host.env.WAYLAND_DISPLAY ? await findProgram('xdg-open', host.env) : null;
  if (opener) await runProgram(opener, [address], { env: host.env, signal });
  else
    terminal.say(`Open this address in a browser on this machine. Whoever has it can use this VS Code; "${command} down --all" ends it.`);
}
