/** What limits kernels and jobs, for tests that compose these alone: by default nothing but the machine. */
import type { Limits } from '@bine/shared';
import type { Capacity } from '../../ports/compute.ts';
import type { ShareRecord } from '../../ports/state/limits.ts';
import { defaultLimits } from '../../limit-settings.ts';
import { createAdmission } from './admission.ts';
import type { JobUse, KernelUse } from './admission.ts';
import { nothing } from './amounts.ts';
import type { Amount } from './amounts.ts';

type Options = {
  machine: () => Promise<Capacity>;
  jobShare?: number;
  overcommit?: number;
  limits?: (projectId: string) => Partial<Limits>;
  kernels?: () => KernelUse[];
  jobs?: () => JobUse[];
  held?: () => Amount;
  shares?: { shares(): Promise<ShareRecord[]>; saveShares(records: ShareRecord[]): Promise<void> };
};

export function limitsForTests({ machine, jobShare = 1, overcommit = 2, limits = () => ({}), ...rest }: Options) {
  const limitsOf = (projectId: string): Limits => ({ ...defaultLimits, ...limits(projectId) });
  const { kernels = () => [], jobs = () => [], held = () => nothing } = rest;
  return {
    admission: createAdmission({ machine, jobShare, overcommit, limits: { of: limitsOf }, kernels, jobs, held }),
    shares: rest.shares ?? { shares: async () => [], saveShares: async () => undefined },
    quota: { settle: async () => undefined, refuse: () => undefined },
    checkQuota: async () => undefined,
    leastInterval: 1,
  };
}

export const kernelUse = (of: Partial<KernelUse>): KernelUse => {
  const empty = { id: 'k', projectId: 'p1', user: 'ann', cores: 1, memory: 0, used: 0, gpus: 0, gpuIds: [] };
  return { ...empty, ...of };
};
