/** Git on this machine, each command in a sandbox of its own. The sole runner of it. */
import { join } from 'node:path';
import { createGround } from './ground.ts';
import { createLocal } from './local.ts';
import { createMarks } from './marks.ts';
import * as branches from './operations/branches.ts';
import * as commits from './operations/commits.ts';
import * as files from './operations/files.ts';
import * as merging from './operations/merging.ts';
import * as remotes from './operations/remotes.ts';
import { status } from './operations/status.ts';
import type { Target } from '../../lib/addresses.ts';
import { createTransfers } from './transfer.ts';
import type { TransferSettings } from './transfer-settings.ts';
import type { GitCommands } from '../../ports/git/commands.ts';
import type { Git } from '../../ports/git/git.ts';

const commands: GitCommands = { ...branches, ...commits, ...files, ...merging, ...remotes, status };

export type GitOptions = {
  /** The gateway's own, for what must be nowhere else. */
  folder: string;
  settings: TransferSettings;
  /** Internal addresses at which there may be servers. */
  allowed(): Promise<Target[]>;
};

export function createGit({ folder, settings, allowed }: GitOptions): Git {
  return {
    ...createLocal(),
    ...createGround(),
    commands,
    transfers: createTransfers({ folder: join(folder, 'transfers'), settings, allowed }),
    marks: createMarks(join(folder, 'at-work')),
  };
}
