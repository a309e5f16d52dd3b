/** What the gateway says of a file, in VS Code's terms. */
import type { FileStat } from '@bine/shared';
import * as vscode from 'vscode';

/** A link that leads somewhere is shown as what it leads to, marked as a link; one that does not, as a link only. */
export function typeOf({ type, link }: Pick<FileStat, 'type' | 'link'>): vscode.FileType {
  const { File, Directory, SymbolicLink, Unknown } = vscode.FileType;
  const found: vscode.FileType = { file: File, directory: Directory, symlink: SymbolicLink, other: Unknown }[type];
  // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- VS Code's FileType is a bit mask for links
  return link ? found | SymbolicLink : found;
}

export function statOf(file: FileStat, readonly: boolean): vscode.FileStat {
  return {
    type: typeOf(file),
    ctime: Date.parse(file.created),
    mtime: Date.parse(file.modified),
    size: file.size,
    ...(readonly && { permissions: vscode.FilePermission.Readonly }),
  };
}
