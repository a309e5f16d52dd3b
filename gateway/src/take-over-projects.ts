/** Composes what is done once with the data of an older version, in which one user owned all projects. */
import { Problem } from '@bine/shared/problems';
import type { Accounts } from './ports/accounts.ts';
import { createKernelFolders } from './adapters/disk/kernel-folders.ts';
import type { Docker } from './adapters/docker/docker.ts';
import { createFolders } from './adapters/store/folders.ts';
import type { Home } from './adapters/store/home.ts';
import { createKernelRows } from './adapters/store/kernels.ts';
import { createProjectRows } from './adapters/store/projects.ts';
import type { Database } from './adapters/store/store.ts';
import { takeOver } from './domains/projects/take-over.ts';
import type { Log } from './lib/log.ts';

type Parts = { home: Home; db: Database; docker: Pick<Docker, 'list'>; gateway: string; accounts: Accounts; log: Log };

export async function takeOverProjects({ home, db, docker, gateway, accounts, log }: Parts): Promise<void> {
  const folders = createFolders(home.path('projects'));
  const kernelFolders = createKernelFolders(home.path('kernels'));
  const kernels = createKernelRows(db);
  try {
    const left = await takeOver({
      rows: createProjectRows(db),
      accounts,
      async inUse() {
        const containers = await docker.list({ 'bine.gateway': gateway }, AbortSignal.timeout(60_000));
        return new Set(containers.filter(({ running }) => running).map(({ labels }) => labels['bine.project'] ?? ''));
      },
      async give({ id }, owner) {
        await folders.give(id, owner);
        for (const kernel of await kernels.ofProject(id, { ended: true })) await kernelFolders.give(kernel.id, owner);
      },
    });
    if (left.length > 0)
      log.warn(`Containers of an older version still run in ${left.join(', ')}: the next start gives these projects a user id`);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    log.warn(`Projects of an older version still belong to one user, until the next start: ${error.message}`);
  }
}
