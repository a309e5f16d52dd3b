/** `bine status` */
import type { DiskSpace } from '@bine/shared';
import { readDaemon } from '../engine/daemon.ts';
import { capacityLines } from '../limits.ts';
import { formatAge, formatBytes } from '../terminal.ts';
import { defineVerb } from '../verb.ts';
import { findBrowser } from '../vscode/browser.ts';

export const status = defineVerb<object>({
  summary: 'What is running; exits with 1 when the gateway is not',
  examples: [
    ['', 'the gateway, its engine, what jobs and kernels take, and who waits'],
    ['--json', 'the same for programs'],
  ],
  json: true,
  async run(context) {
    const { terminal, home } = context;
    const client = await context.client();
    const now = await client.api.system.status({});
    const taken = now.engine && (await client.api.system.capacity({}));
    if (context.json) return terminal.printJson({ ...now, use: taken });
    const { engine, capacity, disk } = now;
    const own = engine && (await readDaemon(home)) ? ', started by Bine' : '';
    const browser = await findBrowser(home);
    const lines = [
      ['Gateway', `${client.url}   ${now.version}, started ${formatAge(now.started)}`],
      ['Data', home],
      ['Engine', engine ? `${engine.name} ${engine.version}${own}` : `does not answer; see "${context.command} doctor"`],
      ['Machine', `${capacity.cores} cores, ${(capacity.memory / 1024).toFixed(1)} GiB, ${capacity.gpus} GPUs`],
      ['Disk', describeDisk(disk)],
      ...(taken ? capacityLines(taken) : [['Kernels', `${now.kernels} running`]]),
      ...(now.egress.enforced ? [] : [['Network', `containers reach private networks: ${now.egress.reason}`]]),
      ...(browser ? [['VS Code', browser.url]] : []),
    ];
    for (const [name, value] of lines) terminal.print(`${terminal.style('bold', name!.padEnd(9))}${value}`);
  },
});

function describeDisk({ free, total, mount, leastFree, state }: DiskSpace): string {
  const room = `${formatBytes(free)} of ${formatBytes(total)} are free at ${mount}`;
  return state === 'ok' ? room : `${room}: ${state === 'full' ? 'full' : `nothing new starts below ${formatBytes(leastFree)}`}`;
}
