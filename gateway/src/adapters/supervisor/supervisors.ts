/** The supervisors of a gateway's kernels, running or gone, which share the memory for large records. */
import { createLargeRecords } from './byte-budget.ts';
import type { ConnectOptions } from './connection.ts';
import { readExecutions, readLog } from './history.ts';
import { connectSupervisor } from './supervisor.ts';
import type { AttachOptions } from './types.ts';

type Folder = Omit<ConnectOptions, 'largeRecords'>;

export function createSupervisors() {
  const largeRecords = createLargeRecords();
  return {
    connect: (folder: Folder) => connectSupervisor({ ...folder, largeRecords }),
    readLog: (options: AttachOptions & Folder) => readLog({ ...options, largeRecords }),
    readExecutions,
  };
}
