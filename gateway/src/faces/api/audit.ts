/** The procedures of the audit log. */
import type { Audit } from '../../domains/audit/audit.ts';
import type { Implementer } from './base.ts';
import { seenBefore, withIds } from './resuming.ts';

const never = new AbortController().signal;

export function auditHandlers(os: Implementer, audit: Audit) {
  return {
    list: os.audit.list.handler(({ input }) => audit.list(input)),
    follow: os.audit.follow.handler(({ input, lastEventId, signal = never }) =>
      withIds(audit.follow({ ...input, after: seenBefore(lastEventId) ?? input.after }, signal), { idOf: ({ id }) => id }),
    ),
  };
}
