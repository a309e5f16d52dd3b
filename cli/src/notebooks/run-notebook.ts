/** Runs a notebook of a project on a kernel, from its first cell to its last, and keeps the outputs in the file. */
import { randomUUID } from 'node:crypto';
import { notebookOutputs } from '@bine/client/notebooks/nbformat';
import type { Run } from '@bine/client/notebooks/run';
import { createRuns } from '@bine/client/notebooks/runs';
import type { Execution, Kernel } from '@bine/shared';
import type { Header, KernelMessage, KernelRecord, SupervisorContent } from '@bine/shared/kernel-wire';
import { Problem } from '@bine/shared/problems';
import type { Client } from '../client.ts';
import { contentPath } from '../project-files.ts';
import type { Report } from '../steps.ts';
import { talkToKernel } from './kernel-channel.ts';
import { untilReady } from './kernel-ready.ts';
import { codeCells, formatNotebook, parseNotebook, textOf, type CodeCell, type Notebook } from './notebook.ts';

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

async function runCells({ client, project, signal, report, onCell }: NotebookRun, kernel: Kernel, requests: Request[]): Promise<void> {
  const waiting = new Map(requests.map(({ cell }, index) => [cell.id, { cell, index }]));
  for (const { cell } of requests) Object.assign(cell, { outputs: [], execution_count: null });
  if (waiting.size === 0) return;
  const runs = createRuns();
  const messages = requests.map(({ message }) => message);
  const ids = new Set(messages.map(({ header }) => header.msg_id));
  const total = requests.length;
  for await (const record of talkToKernel({ ...client, project, kernel: kernel.id, since: kernel.head, messages, signal })) {
    if (record.channel === 'supervisor') throwIfEnded(record);
    if (!isOurs(record, ids)) continue;
    runs.read(record);
    for (const run of runs.takeChanged()) {
      const one = run.state === 'ended' ? waiting.get(run.cell) : undefined;
      if (!one) continue;
      waiting.delete(run.cell);
      fill(one.cell, run);
      const ms = run.started === null || run.ended === null ? 0 : run.ended - run.started;
      onCell(one.cell, { index: one.index, total, ms });
      report(`cell ${one.index + 2} of ${total}`);
    }
    if (waiting.size === 0) break;
  }
  // What came late, and displays that later cells have updated.
  for (const { cell } of requests) {
    const run = runs.latest.get(cell.id);
    if (run) fill(cell, run);
  }
}

/** What others run on the same kernel is none of this notebook's, but for the displays that it updates. */
function isOurs({ header, parent_header: parent, channel }: KernelRecord, ids: ReadonlySet<string>): boolean {
  return channel === 'supervisor' || ids.has(header.msg_id) || ids.has(parent.msg_id ?? '') || header.msg_type === 'update_display_data';
}

function fill(cell: CodeCell, run: Run): void {
  cell.outputs = notebookOutputs(run.outputs.all);
  cell.execution_count = run.count;
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
