/** What tests of kernels are about. */
import type { KernelRecord } from '../../ports/state/kernels.ts';

export function kernelRecord(changes: Partial<KernelRecord> = {}): KernelRecord {
  return {
    id: 'k1',
    projectId: 'p1',
    environment: 'python-inference',
    revision: null,
    parts: [],
    notebook: null,
    user: 'ada',
    memory: 512,
    cores: 1,
    gpus: 0,
    secrets: [],
    private: false,
    state: 'idle',
    cause: null,
    started: '2026-01-01T00:00:00.000Z',
    lastActivity: '2026-01-01T00:00:00.000Z',
    epoch: 1,
    head: 0,
    ...changes,
  };
}
