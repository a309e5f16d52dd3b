/** The disk that the gateway's data is on: how much room is left, and when nothing new may begin any more. */
import type { DiskSpace } from '@bine/shared';
import type { Problem } from '@bine/shared/problems';

/** The gateway keeps a reserve, so that it can start, remember what happens and delete things on a full disk. */
export type Space = {
  now(): DiskSpace;
  /** Why nothing new begins; null: there is room. */
  shortage(): string | null;
  /** @param what as the subject of a sentence, such as `The kernel` @throws Problem `no-space` */
  refuseNewWork(what: string): void;
  /** What a user is told of a failure for want of room. */
  problem(cause: unknown): Problem;
  /** Gives up the reserve. false: there is none. */
  useReserve(): boolean;
  /** Told when the state changes. */
  onChange(listener: (space: DiskSpace) => void): void;
  [Symbol.dispose](): void;
};
