/**
 * The text of a notebook as JSON, or what it is instead; the runner of jobs (images/supervisor, notebook_file.py) has the
 * same rules: both are held to `test/vectors/notebook-files.json`.
 */
import { Problem } from '@bine/shared/problems';

/** @throws Problem that says what it is instead */
export function readNotebookJson(text: string, path: string): unknown {
  const content = text.replace(/^\uFEFF/, '');
  try {
    return JSON.parse(content);
  } catch (cause) {
    try {
      return JSON.parse(withoutNaN(content));
    } catch {
      throw new Problem('invalid', `${path} is not a notebook: ${insteadOfJson(content, cause as Error)}.`, { cause });
    }
  }
}

/** What JSON does not have and Jupyter writes becomes null, outside of strings. */
function withoutNaN(text: string): string {
  return text.replace(/"[^"\\]*(?:\\.[^"\\]*)*"|-?\bInfinity\b|\bNaN\b/g, (match) => (match.startsWith('"') ? match : 'null'));
}

function insteadOfJson(text: string, error: Error): string {
  if (text.trim() === '') return 'it is empty';
  if (text.startsWith('version https://git-lfs.github.com/spec/'))
    return 'it is a pointer of Git LFS, and its content is not here; "git lfs pull" fetches it';
  if (/^\s*<(!|html)/.test(text)) return 'it is a web page';
  if (/^<{7} /m.test(text)) return 'it has conflict markers of a merge; resolve them first';
  if (/[\0\uFFFD]/.test(text)) return 'it is not UTF-8 text';
  return `it is not JSON (${error.message.slice(0, 200)})`;
}
