/** After a crash: what Git was changing then is freed of the locks and halves that it left, and nothing else is touched. */
import { Problem } from '@bine/shared/problems';
import type { LookingParts } from './looking.ts';

export async function tidyUp({ git, projects, disk, onError }: LookingParts): Promise<void> {
  await git.transfers.clear();
  for (const mark of await git.marks.left()) {
    try {
      const project = await projects.byId(mark.projectId);
      if (project) {
        // Repositories that were being checked out are in a folder that the first use of this one clears.
        await using _staged = await disk.folder(project).stage();
        await git.unlock({ ...project, path: mark.path }, mark.since, AbortSignal.timeout(60_000));
      }
    } catch (error) {
      // No repository (any more): a checkout that had not come that far.
      if (!(error instanceof Problem)) onError(error);
    }
    await mark[Symbol.asyncDispose]();
  }
}
