/** Folders of a project, read page by page. */
import type { FileList, FileStat } from '@bine/shared';

type At = { project: string; path: string };
type Page = At & { after?: string; limit: number };

export type FileLister = { list(page: Page, options?: { signal?: AbortSignal }): Promise<FileList> };
export type ListOptions = { most?: number; signal?: AbortSignal };
/** `total`: of the names in the folder, of which there are so many entries here at most. */
export type ListedFolder = { entries: FileStat[]; whole: boolean; total: number };

/** The largest page that a gateway answers with. */
const pageSize = 10_000;
/** As people look for them: `file 2` before `file 10`. */
const natural = new Intl.Collator('en', { numeric: true });

/** Folders first. Of a folder with more than `most` entries, the first of them by name. */
export async function listFolder(
  files: FileLister,
  { project, path }: At,
  { most = Infinity, signal }: ListOptions = {},
): Promise<ListedFolder> {
  const entries: FileStat[] = [];
  let [after, total]: [string | null | undefined, number] = [undefined, 0];
  while (after !== null && entries.length < most) {
    const page: Page = { project, path, limit: Math.min(pageSize, most - entries.length), ...(after !== undefined && { after }) };
    const answer: FileList = await files.list(page, signal && { signal });
    for (const entry of answer.entries) entries.push(entry);
    [after, total] = [answer.next, answer.total];
  }
  const rank = ({ type }: FileStat) => (type === 'directory' ? 0 : 1);
  return { entries: entries.sort((a, b) => rank(a) - rank(b) || natural.compare(a.path, b.path)), whole: after === null, total };
}
