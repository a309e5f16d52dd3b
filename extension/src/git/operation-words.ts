/** What is said of an operation over the network while it goes on. */
import type { GitOperation } from '@bine/shared';

export function isOver({ state }: Pick<GitOperation, 'state'>): boolean {
  return state !== 'queued' && state !== 'running';
}

const doing = { clone: 'Checking out', fetch: 'Fetching', pull: 'Pulling', push: 'Pushing' } as const;

export function operationText({ action }: Pick<GitOperation, 'action'>): string {
  return `${doing[action]}…`;
}

/** Git counts several times from 0 to 100: one bar would jump. */
export function stageText({ state, stage, percent }: Pick<GitOperation, 'state' | 'stage' | 'percent'>): string {
  if (state === 'queued') return 'waits for another operation in this repository';
  if (stage === null) return '';
  return percent === null ? stage : `${stage}: ${percent}%`;
}
