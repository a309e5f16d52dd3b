/** Runs a notebook of a project on a kernel, from its first cell to its last, and keeps the outputs in the file. */
import { randomUUID } from 'node:crypto';
import type { Execution, Kernel } from '@bine/shared';
import type { Header, KernelMessage, KernelRecord, SupervisorContent } from '@bine/shared/kernel-wire';
import { Problem } from '@bine/shared/problems';
import type { Client } from '../client.ts';
import { contentPath } from '../project-files.ts';
import type { Report } from '../steps.ts';
import { talkToKernel } from './kernel-channel.ts';
import { untilReady } from './kernel-ready.ts';
import { codeCells, formatNotebook, parseNotebook, textOf, type CodeCell, type Notebook } from './notebook.ts';
import { createCollector } from './outputs.ts';

export type NotebookRun = {
  client: Client;
  project: string;
  path: string;
  /** Default: the one that the notebook names. */
  environment?: string | undefined;
  signal: AbortSignal;
  report: Report;
  onCell(cell: CodeCell, execution: { index: number; total: number; ms: number }): void;
};

export type Opened = { notebook: Notebook; etag: string };

export async function openNotebook(client: Client, project: string, path: string): Promise<Opened> {
  const response = await client.fetch(contentPath({ project, path }));
  return { notebook: parseNotebook(await response.text(), path), etag: response.headers.get('etag') ?? '*' };
}

/** @returns what ran; the last one may have failed. @throws Problem when the kernel could not run it */
export async function runNotebook(run: NotebookRun): Promise<Execution[]> {
  const { client, project, path, signal, report } = run;
  const { notebook, etag } = await openNotebook(client, project, path);
  const environment = run.environment ?? notebook.metadata.bine?.environment;
  if (!environment) throw new Problem('invalid', `${path} names no environment: say which with --environment.`);
  const before = await client.api.kernels.list({ project });
  const kernel = await untilReady(client, { project, environment, notebook: path }, { signal, report });
  const ours = !before.some(({ id }) => id === kernel.id);
  const named = { project, kernel: kernel.id };
  const session = randomUUID();
  const messages = codeCells(notebook).map((cell) => requestFor(cell, session));
  try {
    await runCells(run, kernel, messages);
    await save(client, { project, path, etag }, notebook);
    const ids = new Set(messages.map(({ message }) => message.header.msg_id));
    return (await client.api.kernels.executions(named)).filter(({ id }) => ids.has(id));
  } finally {
    // What was interrupted here is not to go on unseen; a kernel that was there before is somebody's.
    if (signal.aborted) await client.detached().api.kernels.interrupt(named);
    if (ours) await client.detached().api.kernels.shutdown(named);
  }
}

type Request = { cell: CodeCell; message: KernelMessage };

function requestFor(cell: CodeCell, session: string): Request {
  const header: Header = {
    msg_id: randomUUID(),
    msg_type: 'execute_request',
    session,
    username: 'bine',
    date: new Date().toISOString(),
    version: '5.3',
  };
  const content = {
    code: textOf(cell.source),
    silent: false,
    store_history: true,
    user_expressions: {},
    allow_stdin: false,
    stop_on_error: true,
  };
  return { cell, message: { channel: 'shell', header, parent_header: {}, metadata: { cellId: cell.id }, content, buffers: [] } };
}

/** A cell is over when its reply has come and the kernel is idle after it: outputs may come in between. */
type Running = { cell: CodeCell; index: number; began: number; replied: boolean; idle: boolean };

async function runCells({ client, project, signal, report, onCell }: NotebookRun, kernel: Kernel, requests: Request[]): Promise<void> {
  if (requests.length === 0) return;
  const collect = createCollector();
  const running = new Map<string, Running>();
  requests.forEach(({ cell, message }, index) => {
    Object.assign(cell, { outputs: [], execution_count: null });
    running.set(message.header.msg_id, { cell, index, began: 0, replied: false, idle: false });
  });
  const messages = requests.map(({ message }) => message);
  const total = requests.length;
  for await (const record of talkToKernel({ ...client, project, kernel: kernel.id, since: kernel.head, messages, signal })) {
    const { msg_id: id } = record.parent_header;
    if (record.channel === 'supervisor') throwIfEnded(record);
    const one = running.get(id);
    if (!one || !follow(record, one, collect)) continue;
    running.delete(id);
    onCell(one.cell, { index: one.index, total, ms: record.time / 1000 - one.began });
    if (running.size === 0) return;
    report(`cell ${one.index + 2} of ${total}`);
  }
}

/** @returns whether the cell is over */
function follow(record: KernelRecord, one: Running, collect: ReturnType<typeof createCollector>): boolean {
  const { header, content, channel } = record;
  if (channel === 'shell') {
    one.replied = true;
    one.cell.execution_count = (content.execution_count as number | undefined) ?? null;
    // An aborted cell never ran, so nothing else is to come.
    if (content.status === 'aborted') one.idle = true;
    one.began ||= record.time / 1000;
  } else if (header.msg_type === 'status') {
    if (content.execution_state === 'busy') one.began ||= record.time / 1000;
    else if (content.execution_state === 'idle') one.idle = true;
  } else if (channel === 'iopub') collect(one.cell, record);
  return one.replied && one.idle;
}

function throwIfEnded({ header, content }: KernelRecord): void {
  if (header.msg_type !== 'ended') return;
  const { cause } = content as SupervisorContent['ended'];
  throw new Problem('conflict', `The kernel ended before the notebook did: ${cause}`);
}

/** Unless somebody changed the file meanwhile: theirs wins, and the outputs are in the kernel's log anyway. */
async function save(
  client: Client,
  { project, path, etag }: { project: string; path: string; etag: string },
  notebook: Notebook,
): Promise<void> {
  await client.fetch(contentPath({ project, path }), { method: 'PUT', headers: { 'if-match': etag }, body: formatNotebook(notebook) });
}
