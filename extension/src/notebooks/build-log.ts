/** The log of an environment's build, in an output channel of its own, followed while it grows. */
import * as vscode from 'vscode';
import type { ContractClient } from '../connection/client.ts';

export type BuildLogs = vscode.Disposable & { show(project: string, environment: string): Promise<void> };

export function createBuildLogs(client: ContractClient): BuildLogs {
  const channels = new Map<string, { channel: vscode.OutputChannel; ending: AbortController }>();

  function open(environment: string): vscode.OutputChannel {
    const before = channels.get(environment);
    before?.ending.abort();
    const channel = before?.channel ?? vscode.window.createOutputChannel(`Bine Build: ${environment}`, 'log');
    channels.set(environment, { channel, ending: new AbortController() });
    channel.clear();
    channel.show(true);
    return channel;
  }

  return {
    async show(project, environment) {
      const channel = open(environment);
      const { signal } = channels.get(environment)!.ending;
      for await (const { text } of await client.environments.log({ project, environment }, { signal })) channel.appendLine(text);
    },
    dispose() {
      for (const { channel, ending } of channels.values()) {
        ending.abort();
        channel.dispose();
      }
    },
  };
}
