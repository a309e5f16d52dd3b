/**
 * Opens the real editor with the extension as it is now, does what it is told, and takes pictures. See `usage`.
 * It speaks to the gateway whose home is BINE_HOME, or starts one for itself with the sample in a project.
 */
import { parseArgs } from 'node:util';
import { resolve } from 'node:path';
import { buildExtension, extension } from './extension.ts';
import { startGateway } from './gateway.ts';
import { createProject, quickstart } from './sample.ts';
import type { Window } from './window.ts';
import { startWorkbench } from './workbench.ts';

const usage = `Usage: node test/vscode/look.ts [options] [STEP…]

  --project NAME     open the folder bine:/NAME; without it, an empty window
  --folder PATH      open a folder of this machine
  --screenshot FILE  a picture at the end
  --theme THEME      dark (default) or light
  --extension DIR    another extension than extension/

Steps, in order:
  command:TITLE  view:CONTAINER/VIEW  open:FILE/IN/EXPLORER  item:LABEL  expand:LABEL  action:LABEL/TITLE  menu:LABEL/ENTRY
  kernel:NAME  run:CELL  runAll  toolbar:BUTTON  cell:INDEX/STATE  output:TEXT  show:SELECTOR (an output)
  pick:LABEL  answer:TEXT  press:KEY  text:TEXT (wait for it)  status:TEXT (wait for it)  shot:FILE  console`;

const { values: flags, positionals: steps } = parseArgs({
  allowPositionals: true,
  options: {
    project: { type: 'string' },
    folder: { type: 'string' },
    screenshot: { type: 'string' },
    theme: { type: 'string', default: 'dark' },
    extension: { type: 'string', default: extension },
    help: { type: 'boolean', default: false },
  },
});

async function take(window: Window, step: string): Promise<void> {
  const colon = step.indexOf(':');
  const verb = colon < 0 ? step : step.slice(0, colon);
  const object = colon < 0 ? '' : step.slice(colon + 1);
  const slash = object.indexOf('/');
  const [first, rest] = slash < 0 ? [object, ''] : [object.slice(0, slash), object.slice(slash + 1)];
  const { page, notebook, quickInput } = window;
  const verbs: Record<string, () => Promise<unknown>> = {
    command: () => window.command(object),
    view: async () => (tree = await window.view(first, rest)),
    open: async () => {
      const explorer = await window.explorer();
      const path = object.split('/');
      if (path.length > 1) await explorer.expand(...path.slice(0, -1));
      await explorer.open(path.at(-1)!);
    },
    item: () => tree!.item(object).click(),
    expand: () => tree!.expand(object),
    action: () => tree!.action(first, rest),
    menu: () => tree!.menu(first, rest),
    kernel: () => notebook.selectKernel(object),
    run: () => notebook.runCell(Number(object)),
    runAll: () => notebook.runAll(),
    toolbar: () => notebook.toolbar(object),
    cell: () => notebook.waitForState(Number(first), rest as 'success', 120_000),
    output: () => notebook.output(object).first().waitFor(),
    pick: () => quickInput.pick(object),
    answer: () => quickInput.answer(object),
    press: () => page.keyboard.press(object),
    text: () => page.getByText(object).first().waitFor(),
    status: () => window.status(object).waitFor(),
    show: () => notebook.show(notebook.outputs.locator(object).first()),
    shot: () => page.screenshot({ path: resolve(object) }),
    console: async () => console.log(window.console().join('\n')),
  };
  const act = verbs[verb];
  if (!act) throw new Error(`There is no step "${verb}".\n\n${usage}`);
  await act();
  console.log(`done  ${step}`);
}

let tree: Awaited<ReturnType<Window['view']>> | undefined;

if (flags.help) console.log(usage);
else {
  await using stack = new AsyncDisposableStack();
  if (flags.extension === extension) await buildExtension();
  let home = process.env['BINE_HOME'];
  if (!home) {
    const gateway = stack.use(await startGateway());
    await createProject(gateway, flags.project ?? 'sample', quickstart);
    home = gateway.home;
  }
  const workbench = stack.use(await startWorkbench({ extension: flags.extension, home }));
  const folder = flags.folder ?? (flags.project && `bine:/${flags.project}`);
  const window = await workbench.open({ theme: flags.theme as 'dark' | 'light', ...(folder && { folder }) });
  try {
    for (const step of steps) await take(window, step);
  } finally {
    if (flags.screenshot) await window.page.screenshot({ path: resolve(flags.screenshot) });
  }
}
