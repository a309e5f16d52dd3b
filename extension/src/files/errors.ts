/** Problems of the gateway as the errors that VS Code knows how to act on. */
import type { ProblemCode } from '@bine/shared/problems';
import * as vscode from 'vscode';
import { toProblem } from '../connection/problem.ts';

const denied = new Set<ProblemCode>(['missing-role', 'missing-scope', 'path-refused']);
const away = new Set<ProblemCode>(['no-key', 'bad-key', 'timeout', 'starting', 'engine-unavailable']);

/** What was asked for: a conflict is then a folder in place of a file, or the other way round. */
export type Wanted = 'file' | 'folder';

/** For a file that is or is not there VS Code wants its name; for the rest the gateway's own words serve best. */
export function fileSystemError(error: unknown, uri: vscode.Uri, wanted?: Wanted): Error {
  if (error instanceof vscode.FileSystemError) return error;
  const { code, message } = toProblem(error);
  if (code === 'not-found') return vscode.FileSystemError.FileNotFound(uri);
  if (code === 'already-exists') return vscode.FileSystemError.FileExists(uri);
  if (code === 'conflict' && wanted === 'file') return vscode.FileSystemError.FileIsADirectory(uri);
  if (code === 'conflict' && wanted === 'folder') return vscode.FileSystemError.FileNotADirectory(uri);
  if (denied.has(code)) return vscode.FileSystemError.NoPermissions(message);
  if (away.has(code)) return vscode.FileSystemError.Unavailable(message);
  return new vscode.FileSystemError(message);
}
