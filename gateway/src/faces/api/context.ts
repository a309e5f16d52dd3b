/** What is known of a request before it reaches a handler. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Response } from 'express';
import { keyProtocolPrefix } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { Principal } from '../../domains/access/principal.ts';
import type { Caller } from './authorise.ts';
import type { RequestContext } from './base.ts';

export type Authenticate = (secret: string) => Promise<Principal>;

const requestIds = new WeakMap<IncomingMessage, string>();

/** The caller's own id for the request, if it is a decent one, so that logs on both sides can be laid side by side. */
export function requestIdOf(request: IncomingMessage): string {
  const known = requestIds.get(request);
  if (known) return known;
  const given = request.headers['x-request-id'];
  const id = typeof given === 'string' && /^[\w.:-]{1,64}$/.test(given) ? given : randomUUID();
  requestIds.set(request, id);
  return id;
}

/** From `Authorization: Bearer`, or for sockets from the subprotocol that carries a key. Never from the URL. */
export async function callerOf(request: IncomingMessage, authenticate: Authenticate): Promise<Caller> {
  const secret = bearer(request) ?? (request.headers.upgrade ? fromProtocols(request) : null);
  if (secret === null) return new Problem('no-key', 'Send an API key in the header "Authorization: Bearer …".');
  return authenticate(secret).catch((error: unknown) => {
    if (error instanceof Problem) return error;
    throw error;
  });
}

function bearer(request: IncomingMessage): string | null {
  return /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? null;
}

function fromProtocols(request: IncomingMessage): string | null {
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((protocol) => protocol.trim());
  return offered.find((protocol) => protocol.startsWith(keyProtocolPrefix))?.slice(keyProtocolPrefix.length) ?? null;
}

const contexts = new WeakMap<Response, RequestContext>();

export function setContext(response: Response, context: RequestContext): void {
  contexts.set(response, context);
}

export function contextOf(response: Response): RequestContext {
  const context = contexts.get(response);
  if (!context) throw new Error('a route was mounted before the context');
  return context;
}
