/**
 * The changes of a project's files, numbered. All who watch a project share one watch of its folder, and read on from
 * the number that they saw last at their own pace. The numbers mean nothing after the watch ended: then, and after falling
 * too far behind, a subscriber is told to read again what it shows.
 */
import type { FileChange } from '@bine/shared';
import type { TreeChange, TreeListener, TreeWatch } from '../../ports/file-changes.ts';
import { createChanges } from '../../lib/changes.ts';
import type { Changes } from '../../lib/changes.ts';
import { newId } from '../../lib/id.ts';

/** The id is what a client that comes back says it saw last. */
export type NumberedChange = { id: string; change: FileChange };

export type Subscription = { after: string | undefined; signal: AbortSignal };

export type Feeds = {
  /** Begins with `reset` unless nothing was missed since `after`. */
  subscribe(folder: { id: string; files: string }, subscription: Subscription): AsyncGenerator<NumberedChange>;
  [Symbol.asyncDispose](): Promise<void>;
};

export type FeedsOptions = {
  watch: (files: string, listener: TreeListener) => TreeWatch;
  /** Milliseconds that a watch outlives its last subscriber, who may only have lost the connection. */
  linger?: number;
};

type Feed = {
  id: string;
  tree: TreeWatch;
  bell: Changes;
  recent: FileChange[];
  /** The number of the newest change. */
  last: number;
  subscribers: number;
  lingering: NodeJS.Timeout | null;
  failure: unknown;
};

const recentSize = 4096;
/** More at once are no news to read one by one. */
const mostAtOnce = 1000;

const reset: FileChange = { type: 'reset', path: '' };

export function createFeeds({ watch, linger = 60_000 }: FeedsOptions): Feeds {
  const feeds = new Map<string, Feed>();
  const ended = new AbortController();

  const close = async (files: string, feed: Feed) => {
    if (feeds.get(files) === feed) feeds.delete(files);
    if (feed.lingering) clearTimeout(feed.lingering);
    await feed.tree[Symbol.asyncDispose]();
  };
  const leave = async (files: string, feed: Feed) => {
    feed.subscribers -= 1;
    if (feed.subscribers > 0) return;
    if (feed.failure !== null || ended.signal.aborted) await close(files, feed);
    else feed.lingering = setTimeout(() => void close(files, feed), linger).unref();
  };

  return {
    async *subscribe({ files }, { after, signal }) {
      let feed = feeds.get(files);
      if (!feed || feed.failure !== null) feeds.set(files, (feed = openFeed((listener) => watch(files, listener))));
      feed.subscribers += 1;
      if (feed.lingering) clearTimeout(feed.lingering);
      try {
        await feed.tree.ready;
        yield* follow(feed, after, AbortSignal.any([signal, ended.signal]));
      } finally {
        await leave(files, feed);
      }
    },
    async [Symbol.asyncDispose]() {
      ended.abort();
      await Promise.all([...feeds].map(([files, feed]) => close(files, feed)));
    },
  };
}

function openFeed(watch: (listener: TreeListener) => TreeWatch): Feed {
  const bell = createChanges();
  const add = (changes: FileChange[]) => {
    feed.recent.push(...(changes.length > mostAtOnce ? [reset] : changes));
    feed.last += changes.length > mostAtOnce ? 1 : changes.length;
    feed.recent.splice(0, feed.recent.length - recentSize);
    bell.ring();
  };
  const tree = watch({
    changes: (changes) => add(changes.map(toChange)),
    missed: () => add([reset]),
    ended(why) {
      feed.failure = why;
      bell.ring();
    },
  });
  const feed: Feed = { id: newId(), tree, bell, recent: [], last: 0, subscribers: 0, lingering: null, failure: null };
  return feed;
}

const toChange = ({ type, names }: TreeChange): FileChange => ({ type, path: names.join('/') });

async function* follow(feed: Feed, after: string | undefined, signal: AbortSignal): AsyncGenerator<NumberedChange> {
  const numbered = (number: number, change: FileChange) => ({ id: `${feed.id}-${number}`, change });
  const oldest = () => feed.last - feed.recent.length + 1;
  let seen = numberIn(feed, after) ?? -1;
  while (!signal.aborted) {
    if (feed.failure !== null) throw feed.failure;
    if (seen < oldest() - 1) {
      seen = feed.last;
      yield numbered(seen, reset);
    } else if (seen < feed.last) {
      seen += 1;
      yield numbered(seen, feed.recent[seen - oldest()]!);
    } else {
      await feed.bell.next(signal);
    }
  }
}

/** The number that the id stands for; null for one of another watch. */
function numberIn(feed: Feed, after: string | undefined): number | null {
  const [id, number] = after?.split('-') ?? [];
  if (id !== feed.id || !/^\d{1,15}$/.test(number ?? '')) return null;
  return Number(number) <= feed.last ? Number(number) : null;
}
