/** Git in projects: commands in repositories, which reach no network, and transfers, which alone know tokens. */
import type { GitCommands } from './commands.ts';
import type { Ground, Local, Marks } from './repository.ts';
import type { Transfers } from './transfers.ts';

export type Git = Local & Ground & { commands: GitCommands; transfers: Transfers; marks: Marks };
