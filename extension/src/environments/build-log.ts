/** The log of a build or a change, in a terminal that is read only, followed while it grows. Ctrl+C there cancels what it shows. */
import { terminalText } from '@bine/client/terminal-text';
import type { BuildLine } from '@bine/shared';
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import { follow } from '../connection/follow.ts';

export type LogPlace = { project: string; environment: string; change?: string | undefined };
export type BuildLogs = vscode.Disposable & { show(place: LogPlace): void };

type Gateway = Pick<Connection, 'client' | 'connected'>;
type Shown = { terminal: vscode.Terminal; live: () => boolean };

const colours = { succeeded: '32', failed: '31', cancelled: '33' } as const;

export function createBuildLogs(gateway: Gateway): BuildLogs {
  const shown = new Map<string, Shown>();
  const closing = vscode.window.onDidCloseTerminal((closed) => {
    for (const [key, { terminal }] of shown) if (terminal === closed) shown.delete(key);
  });
  return {
    show(place) {
      const key = JSON.stringify(place);
      const before = shown.get(key);
      if (before?.live()) return before.terminal.show(true);
      before?.terminal.dispose();
      const log = createLogTerminal(gateway, place);
      const terminal = vscode.window.createTerminal({
        name: `Build: ${place.environment}`,
        pty: log,
        iconPath: new vscode.ThemeIcon('package'),
        isTransient: true,
      });
      shown.set(key, { terminal, live: log.live });
      terminal.show(true);
    },
    dispose() {
      closing.dispose();
      for (const { terminal } of shown.values()) terminal.dispose();
    },
  };
}

/** The lines of a log, however often the connection is lost; `onOpen` without `resumed`: from the first line again. */
export function readLog({ client, connected }: Gateway, place: LogPlace, signal: AbortSignal, onOpen?: (resumed: boolean) => void) {
  return follow<BuildLine>({
    open: ({ lastEventId, signal }) => client.environments.log(place, { signal, ...(lastEventId && { lastEventId }) }),
    connected,
    signal,
    ...(onOpen && { onOpen }),
  });
}

function createLogTerminal(gateway: Gateway, place: LogPlace): vscode.Pseudoterminal & { live: () => boolean } {
  const written = new vscode.EventEmitter<string>();
  const ending = new AbortController();
  let live = true;
  const write = (text: string) => written.fire(`${terminalText(text).replaceAll(/\r?\n/g, '\r\n')}\r\n`);

  async function read(): Promise<void> {
    try {
      for await (const { text, done } of readLog(
        gateway,
        place,
        ending.signal,
        (resumed) => !resumed && written.fire('\x1b[2J\x1b[3J\x1b[H'),
      )) {
        write(done ? `\x1b[${colours[done]}m${text}\x1b[0m` : text);
      }
    } catch (error) {
      write(`\x1b[31m${(error as Error).message}\x1b[0m`);
    }
    live = false;
  }
  return {
    onDidWrite: written.event,
    live: () => live,
    open: () => void read(),
    close: () => ending.abort(),
    handleInput(data) {
      if (data !== '\x03' || !live) return;
      const { project, environment } = place;
      gateway.client.environments.cancelBuild({ project, environment }).catch((error: Error) => write(error.message));
    },
  };
}
