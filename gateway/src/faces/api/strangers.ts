/** Requests without a valid key: answered before their bodies are read, unless they ask what is open to anybody. */
import type { RequestHandler } from 'express';
import { apiPrefix, contract } from '@bine/shared';
import type { Access } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { Audit } from '../../domains/audit/audit.ts';
import { recordCall } from './audited.ts';
import { dropBody } from './bytes.ts';
import { contextOf } from './context.ts';

type Definition = { '~orpc': { meta: Access; route: { method?: string; path?: string } } };

const open = new Set(
  Object.values(contract)
    .flatMap((table) => Object.values(table) as Definition[])
    .filter((procedure) => procedure['~orpc'].meta.scope === null)
    .map(({ '~orpc': { route } }) => `${route.method} ${apiPrefix}${route.path}`),
);

export function refuseStrangers(audit: Pick<Audit, 'record'>): RequestHandler {
  return (request, response, next) => {
    const context = contextOf(response);
    if (!(context.caller instanceof Problem) || open.has(`${request.method} ${request.path}`)) {
      next();
      return;
    }
    const input = { method: request.method, route: request.path };
    recordCall(audit, { context, procedure: 'sign-in', input, outcome: context.caller.code });
    dropBody(request);
    throw context.caller;
  };
}
