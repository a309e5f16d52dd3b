/** Files dropped on the view "Projects": from the desktop and other views they are uploaded, within it they are moved. */
import * as vscode from 'vscode';
import { move } from '../files/transfer.ts';
import { type Source, collect } from '../files/upload.ts';
import { type Place, baseName, join, parentOf, placeOf, scheme, uriPath } from '../files/uri.ts';
import { tell } from '../vs/commands.ts';
import { briefly } from '../vs/progress.ts';
import { type Node, keyOf, placeOfNode } from './nodes.ts';
import type { ProjectDeps } from './projects.ts';
import { uploadInto } from './transfer-commands.ts';

const uriList = 'text/uri-list';

export function createDragAndDrop(deps: () => ProjectDeps, log: vscode.LogOutputChannel): vscode.TreeDragAndDropController<Node> {
  return {
    dragMimeTypes: [uriList],
    // 'files' is what comes from the desktop, in a browser too.
    dropMimeTypes: ['files', uriList],
    handleDrag(nodes, data) {
      const uris = nodes.map((node) => vscode.Uri.from({ scheme, path: keyOf(node) }).toString());
      data.set(uriList, new vscode.DataTransferItem(uris.join('\r\n')));
    },
    async handleDrop(target, data) {
      if (!target) return;
      try {
        await drop(deps(), folderOf(target), data);
      } catch (error) {
        tell('Drop', error, log);
      }
    },
  };
}

function folderOf(node: Node): Place {
  const place = placeOfNode(node);
  return node.kind === 'file' ? { ...place, path: parentOf(place.path) } : place;
}

async function drop(deps: ProjectDeps, folder: Place, data: vscode.DataTransfer): Promise<void> {
  const uris = await urisIn(data);
  const inside = uris.flatMap((uri) => (uri.scheme === scheme ? [placeOf(uri)] : [])).filter((place) => place !== null);
  const outside = uris.filter((uri) => uri.scheme !== scheme);
  for (const source of inside) await moveInto(deps, source, folder);
  const sources = [...(await collect(outside)), ...(uris.length > 0 ? [] : contentsIn(data))];
  if (sources.length > 0) await uploadInto(deps, folder, sources);
}

async function moveInto(deps: ProjectDeps, source: Place, folder: Place): Promise<void> {
  const target = { project: folder.project, path: join(folder.path, baseName(source.path)) };
  if (!source.path || uriPath(source) === uriPath(target)) return;
  await briefly(`Moving ${baseName(source.path)}…`, () => move(deps.connection, { source, target, overwrite: false }));
  for (const place of [folder, { ...source, path: parentOf(source.path) }]) deps.tree.refresh(deps.tree.nodeAt(uriPath(place)));
}

async function urisIn(data: vscode.DataTransfer): Promise<vscode.Uri[]> {
  const text = (await data.get(uriList)?.asString()) ?? '';
  const listed = text
    .split(/\r?\n/)
    .filter((line) => line && !line.startsWith('#'))
    .map((line) => vscode.Uri.parse(line, true));
  if (listed.length > 0) return listed;
  return [...data].flatMap(([, item]) => item.asFile()?.uri ?? []);
}

/** Files that a browser hands over: their content, without a place. */
function contentsIn(data: vscode.DataTransfer): Source[] {
  return [...data].flatMap(([, item]) => {
    const file = item.asFile();
    return file ? [{ path: file.name, open: async () => new Blob([(await file.data()) as Uint8Array<ArrayBuffer>]) }] : [];
  });
}
