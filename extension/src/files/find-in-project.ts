/**
 * `Bine: Find in Project…`: lines of the files of the projects that are open. VS Code's own search needs an interface that is not open to
 * extensions, and finds nothing in a folder that is on no disk.
 */
import * as vscode from 'vscode';
import { toProblem } from '../connection/problem.ts';
import { askText } from '../vs/ask.ts';
import { type FoundFile, type GoToFileDeps, walkOpenProjects } from './go-to-file.ts';
import { pickWhileSearching } from './growing-pick.ts';
import { linesWith } from './lines-with.ts';
import { contentPath } from './transfer.ts';
import { parentOf } from './uri.ts';

type Hit = vscode.QuickPickItem & { uri: vscode.Uri; selection: vscode.Range };

const mostHits = 1000;
/** What is larger is data. */
const largestBytes = 1 << 20;
const atOnce = 8;

export async function findInProject(deps: GoToFileDeps): Promise<void> {
  const value = selected();
  const text = await askText({ title: 'Find in Project', prompt: 'Upper and lower case are alike', ...(value && { value }) });
  if (!text) return;
  await pickWhileSearching<Hit>({
    title: `Lines with "${text}"`,
    placeholder: 'Narrow by line or file',
    open: ({ uri, selection }) => void vscode.commands.executeCommand('vscode.open', uri, { selection }),
    search: (hits, signal) => search(deps, text, { hits, signal }),
    titleOf: (count) => titleOf(text, count),
  });
}

function titleOf(text: string, hits: number): string {
  if (hits === 0) return `No line with "${text}"`;
  return hits >= mostHits ? `The first ${mostHits} lines with "${text}"` : `Lines with "${text}"`;
}

type Search = { hits: Hit[]; signal: AbortSignal };

async function search(deps: GoToFileDeps, text: string, { hits, signal }: Search): Promise<void> {
  const files: FoundFile[] = [];
  await walkOpenProjects(deps, { found: files, signal });
  const left = files.filter(({ size }) => size <= largestBytes).values();
  const worker = async () => {
    for (const file of left) {
      if (signal.aborted || hits.length >= mostHits) return;
      const found = linesWith(text, await contentOf(deps, file, signal));
      hits.push(...found.slice(0, mostHits - hits.length).map((line) => hitOf(file, line)));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** What is gone meanwhile, or the search with it, has no lines. */
async function contentOf({ connection }: GoToFileDeps, { place }: FoundFile, signal: AbortSignal): Promise<Uint8Array> {
  try {
    return new Uint8Array(await (await connection.fetch(contentPath(place), { signal })).arrayBuffer());
  } catch (error) {
    if (signal.aborted || toProblem(error).code === 'not-found') return new Uint8Array();
    throw error;
  }
}

function hitOf({ label, place, uri }: FoundFile, { line, from, to, text }: ReturnType<typeof linesWith>[number]): Hit {
  const description = `${parentOf(place.path) ? `${parentOf(place.path)}/` : ''}${label}:${line + 1}`;
  return { label: text, description, uri, selection: new vscode.Range(line, from, line, to) };
}

/** One line of it: what a user looks for again. */
function selected(): string {
  const editor = vscode.window.activeTextEditor;
  const text = editor?.document.getText(editor.selection) ?? '';
  return text.includes('\n') ? '' : text;
}
