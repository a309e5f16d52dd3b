/** An execution as the gateway describes it, for tests. */
import type { JobExecution } from '@bine/shared';

export const execution: JobExecution = {
  id: 'e1',
  number: 3,
  project: 'churn',
  job: 'train',
  state: 'running',
  cause: null,
  exitCode: null,
  user: 'ada',
  trigger: 'user',
  schedule: null,
  submitted: '2026-01-01T11:59:00.000Z',
  started: '2026-01-01T12:00:00.000Z',
  ended: null,
  cells: null,
  executed: null,
  inputs: {
    path: 'train.py',
    environment: 'python-training',
    compute: { cores: 1, memory: 2048, gpus: 0, timeout: null },
    arguments: [],
    parameters: {},
    variables: {},
    image: null,
    revision: null,
    snapshot: null,
    sha256: null,
    git: null,
    logicalTime: null,
  },
};
