/** Completions, descriptions and signatures from the kernel, which knows what the variables really are. Never while a cell runs. */
import * as vscode from 'vscode';
import { notebookType } from './controllers.ts';
import { activeParameter, openCall, parametersOf, readInspection } from './inspection.ts';
import type { Answer } from './kernel-questions.ts';
import { completeRequest, inspectRequest } from './messages.ts';
import type { Session } from './session.ts';

/** Milliseconds; the first answer of a kernel, which reads the types of the standard library for it, takes longest. */
const patience = 15_000;
/** Attributes, keys of dictionaries and columns, names of files, magics. */
const triggers = ['.', '[', '"', "'", '/', '%'];

type SessionOf = (document: vscode.TextDocument) => Session | undefined;
type Request = ReturnType<typeof completeRequest>;
type Ask = (document: vscode.TextDocument, token: vscode.CancellationToken, request: Request) => Promise<Answer | null>;

export function createIntelliSense(sessionOf: SessionOf): vscode.Disposable {
  // No scheme: VS Code compares it with that of the notebook, not with that of its cells.
  const selector: vscode.DocumentFilter = { notebookType, language: 'python' };
  const ask: Ask = async (document, token, request) => {
    const session = sessionOf(document);
    if (!session) return null;
    const giveUp = new AbortController();
    const subscription = token.onCancellationRequested(() => giveUp.abort());
    try {
      return await session.ask(request, AbortSignal.any([giveUp.signal, AbortSignal.timeout(patience)]));
    } finally {
      subscription.dispose();
    }
  };
  return vscode.Disposable.from(
    vscode.languages.registerCompletionItemProvider(selector, createCompletions(ask), ...triggers),
    vscode.languages.registerHoverProvider(selector, createHovers(ask)),
    vscode.languages.registerSignatureHelpProvider(selector, createSignatures(ask), '(', ','),
  );
}

/** Has a kernel that is idle read what its first answer needs, while nobody waits for it: that takes seconds. */
export function createWarmUp(): (session: Session) => void {
  const warm = new WeakMap<Session, string>();
  return (session) => {
    const { kernel, runs } = session;
    const isIdle = kernel?.state === 'idle' && [...runs.values()].every(({ state }) => state === 'ended');
    const life = `${kernel?.id} ${kernel?.started}`;
    if (!isIdle || warm.get(session) === life) return;
    warm.set(session, life);
    const code = 'import os\nos.';
    void session.ask(completeRequest(code, code.length), AbortSignal.timeout(patience));
  };
}

type Item = vscode.CompletionItem & { of: { document: vscode.TextDocument; before: string; match: string } };

function createCompletions(ask: Ask): vscode.CompletionItemProvider<Item> {
  return {
    async provideCompletionItems(document, position, token) {
      const answer = await ask(document, token, completeRequest(...upTo(document, position)));
      return answer ? completionsOf(answer, document) : undefined;
    },
    async resolveCompletionItem(item, token) {
      const code = item.of.before + item.of.match;
      const answer = await ask(item.of.document, token, inspectRequest(code, Array.from(code).length));
      const said = answer && inspectionOf(answer);
      if (!said) return item;
      const { signature, documentation, facts } = said;
      item.detail = signature ?? (facts || item.detail || '');
      if (documentation) item.documentation = new vscode.MarkdownString().appendCodeblock(documentation, 'text');
      return item;
    },
  };
}

function createHovers(ask: Ask): vscode.HoverProvider {
  return {
    async provideHover(document, position, token) {
      const range = document.getWordRangeAtPosition(position);
      if (!range) return undefined;
      const answer = await ask(document, token, inspectRequest(...upTo(document, range.end)));
      const said = answer && inspectionOf(answer);
      if (!said) return undefined;
      const text = new vscode.MarkdownString();
      if (said.signature) text.appendCodeblock(said.signature, 'python');
      const rest = [said.signature ? '' : said.facts, said.documentation].filter(Boolean).join('\n\n');
      if (rest) text.appendCodeblock(rest, 'text');
      return new vscode.Hover(text, range);
    },
  };
}

function createSignatures(ask: Ask): vscode.SignatureHelpProvider {
  return {
    async provideSignatureHelp(document, position, token) {
      const code = document.getText(new vscode.Range(new vscode.Position(0, 0), position));
      const call = openCall(code);
      if (!call) return undefined;
      const named = code.slice(0, call.at).trimEnd();
      const answer = await ask(document, token, inspectRequest(named, Array.from(named).length));
      const said = answer && inspectionOf(answer);
      if (!said?.signature) return undefined;
      const parameters = parametersOf(said.signature);
      const signature = new vscode.SignatureInformation(said.signature);
      signature.parameters = parameters.map((range) => new vscode.ParameterInformation(range));
      if (said.documentation) signature.documentation = new vscode.MarkdownString().appendCodeblock(said.documentation, 'text');
      const activeOne = activeParameter(said.signature, parameters, call);
      return Object.assign(new vscode.SignatureHelp(), { signatures: [signature], activeSignature: 0, activeParameter: activeOne });
    },
  };
}

function inspectionOf(answer: Answer) {
  const text = (answer['data'] as Record<string, unknown> | undefined)?.['text/plain'];
  return answer['found'] === true && typeof text === 'string' ? readInspection(text) : null;
}

/** The kernel counts characters, the editor UTF-16 units. */
function upTo(document: vscode.TextDocument, position: vscode.Position): [code: string, offset: number] {
  const code = document.getText();
  return [code, Array.from(code.slice(0, document.offsetAt(position))).length];
}

function completionsOf(answer: Answer, document: vscode.TextDocument): Item[] {
  const { matches, cursor_start: start, cursor_end: end, metadata } = answer as CompleteReply;
  const characters = Array.from(document.getText());
  const before = characters.slice(0, start).join('');
  const range = new vscode.Range(document.positionAt(before.length), document.positionAt(characters.slice(0, end).join('').length));
  const typed = document.getText(range);
  const known = new Map(metadata?._jupyter_types_experimental?.map((each) => [each.text, each]));
  return (matches ?? []).map((match, index) => {
    const { type = '', signature = '' } = known.get(match) ?? {};
    const item = new vscode.CompletionItem({ label: match, detail: signature }, kinds[type] ?? vscode.CompletionItemKind.Value);
    return Object.assign(item, {
      range,
      insertText: match,
      filterText: match.startsWith(typed) ? match : typed,
      // In the kernel's order, which puts what is private last.
      sortText: String(index).padStart(5, '0'),
      detail: type,
      of: { document, before, match },
    });
  });
}

type CompleteReply = {
  matches?: string[];
  cursor_start: number;
  cursor_end: number;
  metadata?: { _jupyter_types_experimental?: { text: string; type: string; signature?: string }[] };
};

const { CompletionItemKind: kind } = vscode;
const kinds: Record<string, vscode.CompletionItemKind> = {
  class: kind.Class,
  'dict key': kind.Property,
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
