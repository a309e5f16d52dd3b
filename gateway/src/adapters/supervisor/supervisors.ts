/** The supervisors of a gateway's kernels, running or gone, which share the memory for large records. */
import { createLargeRecords } from './byte-budget.ts';
import { readExecutions, readLog } from './history.ts';
import { connectSupervisor } from './supervisor.ts';
import type { Supervisors } from '../../ports/kernel-agent.ts';

export function createSupervisors(): Supervisors {
  const largeRecords = createLargeRecords();
  return {
    connect: (kernel) => connectSupervisor({ ...kernel, largeRecords }),
    readLog: (options) => readLog({ ...options, largeRecords }),
    readExecutions,
  };
}
