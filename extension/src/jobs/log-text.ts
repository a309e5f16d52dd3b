/** Lines of a log as a terminal shows them. */
import { createTerminalFilter, terminalText } from '@bine/client/terminal-text';
import type { JobExecution, LogLine } from '@bine/shared';
import { describe, isFailure, limits } from './describe.ts';

const esc = '\u001b';
const dim = (text: string) => `${esc}[2m${text}${esc}[22m`;

/** A terminal needs to be told to go back to the beginning of the line. */
const returned = (text: string) => text.replace(/\r?\n/g, '\r\n');

/** The lines of one log in their order: a control sequence may be cut between two lines of a stream. */
export function createLineText() {
  const filters = { stdout: createTerminalFilter(), stderr: createTerminalFilter() };
  return {
    of: ({ stream, text }: Pick<LogLine, 'stream' | 'text'>): string =>
      stream === 'system' ? returned(terminalText(text)).replace(/^[^\r\n]+/gm, dim) : returned(filters[stream].write(text)),
    end: () => filters.stdout.end() + filters.stderr.end(),
  };
}

/** What it runs in, which nobody was asked for where one click began it. */
export function headText({ job, number, inputs }: JobExecution): string {
  const revision = inputs.revision === null ? '' : `, revision ${inputs.revision}`;
  return `${dim(`${job} #${number} in ${inputs.environment}${revision}, ${limits(inputs.compute)}`)}\r\n`;
}

export function endText(execution: JobExecution): string {
  const colour = execution.state === 'succeeded' ? 32 : isFailure(execution) ? 31 : 33;
  const now = Date.parse(execution.ended ?? execution.submitted);
  return `\r\n${esc}[0m${esc}[${colour}m●${esc}[39m ${dim(`${execution.job} #${execution.number} ${describe(execution, now).replace(' 0s ago', '')}`)}\r\n`;
}
