/** Calls as the audit log has them. */
import { Problem } from '@bine/shared/problems';
import type { Audit } from '../../domains/audit/audit.ts';
import type { RequestContext } from './base.ts';

export type AuditedCall = {
  context: Pick<RequestContext, 'caller' | 'address'>;
  procedure: string;
  input: unknown;
  /** `ok`, or the code of a problem. */
  outcome: string;
};

export function recordCall(audit: Pick<Audit, 'record'>, { context, ...call }: AuditedCall): void {
  const { caller, address } = context;
  const who =
    caller instanceof Problem ? { user: null, key: null } : { user: caller.user, key: { id: caller.keyId, name: caller.keyName } };
  audit.record({ ...who, address, ...call });
}
