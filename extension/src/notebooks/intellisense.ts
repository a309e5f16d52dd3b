/** Completions and hovers from the kernel, which knows what the variables really are. Never while it is busy, never late. */
import * as vscode from 'vscode';
import { notebookType } from './controllers.ts';
import { completeRequest, inspectRequest } from './messages.ts';
import type { Session } from './session.ts';

/** Milliseconds. */
const patience = 1500;

type SessionOf = (document: vscode.TextDocument) => Session | undefined;

export function createIntelliSense(sessionOf: SessionOf): vscode.Disposable {
  const selector: vscode.DocumentFilter = { notebookType, language: 'python', scheme: 'vscode-notebook-cell' };
  const completions: vscode.CompletionItemProvider = {
    async provideCompletionItems(document, position, token) {
      const answer = await ask({ sessionOf, document, token }, completeRequest(...upTo(document, position)));
      return answer ? completionsOf(answer, document) : undefined;
    },
  };
  const hovers: vscode.HoverProvider = {
    async provideHover(document, position, token) {
      const range = document.getWordRangeAtPosition(position);
      if (!range) return undefined;
      const answer = await ask({ sessionOf, document, token }, inspectRequest(...upTo(document, range.end)));
      return answer?.['found'] === true ? hoverOf(answer, range) : undefined;
    },
  };
  return vscode.Disposable.from(
    vscode.languages.registerCompletionItemProvider(selector, completions, '.'),
    vscode.languages.registerHoverProvider(selector, hovers),
  );
}

type Asking = { sessionOf: SessionOf; document: vscode.TextDocument; token: vscode.CancellationToken };

async function ask({ sessionOf, document, token }: Asking, request: Parameters<Session['ask']>[0]) {
  const session = sessionOf(document);
  if (session?.kernel?.state !== 'idle') return null;
  const giveUp = new AbortController();
  const subscription = token.onCancellationRequested(() => giveUp.abort());
  try {
    return await session.ask(request, AbortSignal.any([giveUp.signal, AbortSignal.timeout(patience)]));
  } finally {
    subscription.dispose();
  }
}

/** The kernel counts characters, the editor UTF-16 units. */
function upTo(document: vscode.TextDocument, position: vscode.Position): [code: string, offset: number] {
  const code = document.getText();
  return [code, Array.from(code.slice(0, document.offsetAt(position))).length];
}

function completionsOf(answer: Record<string, unknown>, document: vscode.TextDocument): vscode.CompletionItem[] {
  const { matches, cursor_start: start, cursor_end: end, metadata } = answer as CompleteReply;
  const characters = Array.from(document.getText());
  const offset = (count: number) => document.positionAt(characters.slice(0, count).join('').length);
  const range = new vscode.Range(offset(start), offset(end));
  const typed = document.getText(range);
  const known = new Map(metadata?._jupyter_types_experimental?.map(({ text, type }) => [text, type]));
  return (matches ?? []).map((match) => {
    const item = new vscode.CompletionItem(match, kinds[known.get(match) ?? ''] ?? vscode.CompletionItemKind.Value);
    item.range = range;
    item.filterText = match.startsWith(typed) ? match : typed;
    return item;
  });
}

type CompleteReply = {
  matches?: string[];
  cursor_start: number;
  cursor_end: number;
  metadata?: { _jupyter_types_experimental?: { text: string; type: string }[] };
};

const { CompletionItemKind: kind } = vscode;
const kinds: Record<string, vscode.CompletionItemKind> = {
  class: kind.Class,
  function: kind.Function,
  instance: kind.Variable,
  keyword: kind.Keyword,
  magic: kind.Event,
  module: kind.Module,
  param: kind.Field,
  path: kind.File,
  property: kind.Property,
  statement: kind.Variable,
};

function hoverOf(answer: Record<string, unknown>, range: vscode.Range): vscode.Hover | undefined {
  const text = (answer['data'] as Record<string, unknown> | undefined)?.['text/plain'];
  if (typeof text !== 'string') return undefined;
  const plain = text.replaceAll(colours, '');
  return new vscode.Hover(new vscode.MarkdownString().appendCodeblock(plain, 'python'), range);
}

const colours = new RegExp(String.raw`${'\u001b'}\[[0-9;]*m`, 'g');
