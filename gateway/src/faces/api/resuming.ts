/** Streams whose readers come back: each value has an id, and a reader that ends says so with an empty `done`. */
import { withEventMeta } from '@orpc/server';

type Ended = Record<string, never>;

/** The id that a client saw last of a stream whose ids are numbers; what is none is as if it was not sent. */
export function seenBefore(lastEventId: string | undefined): number | undefined {
  return /^\d{1,15}$/.test(lastEventId ?? '') ? Number(lastEventId) : undefined;
}

type Ids<T> = {
  idOf: (value: T) => string | number;
  /** Of a stream that begins with how things are: the client has seen that already if this is its id. */
  lastEventId?: string | undefined;
};

export async function* withIds<T extends object>(values: AsyncIterable<T>, { idOf, lastEventId }: Ids<T>): AsyncGenerator<T, Ended> {
  let isFirst = true;
  for await (const value of values) {
    const id = String(idOf(value));
    if (!isFirst || id !== lastEventId) yield withEventMeta({ ...value }, { id });
    isFirst = false;
  }
  return {};
}

/** A log that is read from its first line on: an id is the time of that line, which tells one log from the next, and the line's number. */
export async function* withLineNumbers<T extends { time: string }>(
  lines: AsyncIterable<T>,
  lastEventId: string | undefined,
): AsyncGenerator<T, Ended> {
  const [, log, seen] = /^(\d{1,15})-(\d{1,15})$/.exec(lastEventId ?? '') ?? [];
  let [first, number] = ['', 0];
  for await (const line of lines) {
    number += 1;
    if (number === 1) first = String(Date.parse(line.time));
    if (first === log && number <= Number(seen)) continue;
    yield withEventMeta({ ...line }, { id: `${first}-${number}` });
  }
  return {};
}
