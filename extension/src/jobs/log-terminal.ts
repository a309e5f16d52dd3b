/** The log of an execution in a terminal of its own: what there is, then what comes, each line once, until it ends. */
import type { JobExecution } from '@bine/shared';
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import { follow } from '../connection/follow.ts';
import { toProblem } from '../connection/problem.ts';
import { pause } from '../connection/wait.ts';
import { isOver } from './describe.ts';
import { createLineText, endText, headText } from './log-text.ts';

export type LogTerminals = vscode.Disposable & {
  show(execution: JobExecution, options?: { preserveFocus?: boolean }): void;
  /** Whether the user has its log before their eyes. */
  isShown(execution: JobExecution): boolean;
  /** The execution whose log a terminal shows. */
  executionOf(terminal: vscode.Terminal): JobExecution | undefined;
};

/** What is printed within this time is drawn at once, in milliseconds. */
const frame = 16;

export function createLogTerminals(connection: Connection): LogTerminals {
  const open = new Map<vscode.Terminal, JobExecution>();
  /** Is being shown: VS Code says a little later that it is the active one. A short job has ended by then. */
  let coming: vscode.Terminal | undefined;

  function find(id: string): vscode.Terminal | undefined {
    for (const [terminal, execution] of open) if (execution.id === id) return terminal;
    return undefined;
  }

  const close = () => {
    for (const terminal of open.keys()) terminal.dispose();
  };
  const disposables = vscode.Disposable.from(
    vscode.window.onDidCloseTerminal((terminal) => {
      open.delete(terminal);
      if (coming === terminal) coming = undefined;
    }),
    vscode.window.onDidChangeActiveTerminal(() => (coming = undefined)),
    // Whoever is signed in next may not see them.
    connection.onDidRestart(close),
  );
  return {
    show(execution, { preserveFocus = true } = {}) {
      let terminal = find(execution.id);
      if (!terminal) {
        terminal = vscode.window.createTerminal({
          name: `${execution.job} #${execution.number}`,
          pty: createLogReader(connection, execution),
          iconPath: new vscode.ThemeIcon('output'),
          isTransient: true,
        });
        open.set(terminal, execution);
      }
      coming = terminal;
      terminal.show(preserveFocus);
    },
    isShown({ id }) {
      const terminal = find(id);
      return terminal !== undefined && vscode.window.state.focused && (coming ?? vscode.window.activeTerminal) === terminal;
    },
    executionOf: (terminal) => open.get(terminal),
    dispose() {
      disposables.dispose();
      close();
    },
  };
}

function createLogReader(connection: Connection, execution: JobExecution): vscode.Pseudoterminal {
  const { project, id } = execution;
  const wrote = new vscode.EventEmitter<string>();
  const ending = new AbortController();
  const { signal } = ending;
  let waiting = '';

  function write(text: string): void {
    if (!waiting) setTimeout(flush, frame);
    waiting += text;
  }
  function flush(): void {
    wrote.fire(waiting);
    waiting = '';
  }

  /** Ends when the execution has; the stream may also end because the gateway stops. */
  async function read(): Promise<void> {
    let last = 0;
    const lines = createLineText();
    write(headText(execution));
    for (;;) {
      const stream = follow({
        open: ({ lastEventId, signal }) =>
          connection.client.executions.log({ project, execution: id, after: Number(lastEventId ?? last) }, { signal }),
        connected: connection.connected,
        signal,
        idOf: ({ seq }) => String(seq),
      });
      for await (const line of stream) {
        last = line.seq;
        write(lines.of(line));
      }
      if (signal.aborted) return;
      const now = await connection.client.executions.get({ project, execution: id });
      if (isOver(now)) return write(lines.end() + endText(now));
      await pause(frame * 10, signal);
    }
  }

  return {
    onDidWrite: wrote.event,
    open: () => void read().catch((error: unknown) => write(`\r\n${toProblem(error).message}\r\n`)),
    close() {
      ending.abort();
      wrote.dispose();
    },
  };
}
