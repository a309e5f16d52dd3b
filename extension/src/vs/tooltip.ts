/** Tooltips of trees: a small table. */
import * as vscode from 'vscode';

export function table(title: string, rows: readonly (readonly [name: string, value: string])[]): vscode.MarkdownString {
  const markdown = new vscode.MarkdownString(undefined, true);
  markdown.appendMarkdown(`**${plain(title)}**\n\n| | |\n|:--|:--|\n`);
  for (const [name, value] of rows) markdown.appendMarkdown(`| ${plain(name)}&nbsp;&nbsp; | ${plain(value)} |\n`);
  return markdown;
}

/** Text that others wrote, so that it cannot become markup or break the table. */
function plain(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!|<>~$&]/g, '\\$&').replace(/\s*\n\s*/g, ' ');
}
