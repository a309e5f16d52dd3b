/** node:test's events as what a person wants to read: each failure in full, the rest as a count. */
import { relative } from 'node:path';
import { inspect } from 'node:util';
import type { TestEvent } from 'node:test/reporters';
import { formatCounts } from './counts.ts';

export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of events) {
    if (event.type === 'test:pass' && (event.data.skip !== undefined || event.data.todo !== undefined)) {
      yield `skipped  ${event.data.name}  (${placeOf(event.data)})\n`;
    } else if (event.type === 'test:fail') {
      const { cause, failureType } = event.data.details.error as Error & { failureType?: string };
      // A failed suite is told of by its tests, unless its `before` or `after` failed.
      if (failureType !== 'subtestsFailed') yield `failed   ${event.data.name}  (${placeOf(event.data)})\n${inspect(cause)}\n\n`;
    } else if (event.type === 'test:stderr' || event.type === 'test:stdout') {
      yield event.data.message;
    } else if (event.type === 'test:summary' && event.data.file === undefined) {
      const { tests, passed } = event.data.counts;
      // A test that was cancelled or skipped has not passed.
      yield `${formatCounts({ passed, failed: tests - passed })}\n`;
    }
  }
}

function placeOf({ file, line }: { file?: string | undefined; line?: number | undefined }): string {
  return file ? `${relative(process.cwd(), file)}:${line}` : '';
}
