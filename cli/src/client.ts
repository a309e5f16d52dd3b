/** The gateway's API: the contract's own client over HTTP, with errors as Problems. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createORPCClient, ORPCError } from '@orpc/client';
import type { ContractRouterClient } from '@orpc/contract';
import { OpenAPILink } from '@orpc/openapi-client/fetch';
import { apiPrefix, contract, type Contract } from '@bine/shared';
import { Problem, problems, type ProblemBody, type ProblemCode } from '@bine/shared/problems';
import { distrustOf, trustCertificates } from '@bine/client/node/trust';
import { readGatewayFile } from './gateway/file.ts';

export type Api = ContractRouterClient<Contract>;
/** Where the gateway is, and who we are. */
export type Address = { url: string; key: string };
export type Client = Address & {
  api: Api;
  /** A plain route beside the contract's procedures. @throws Problem */
  fetch(path: string, init?: RequestInit & { duplex?: 'half' }): Promise<Response>;
  /** For what has to be put in order after Ctrl+C. */
  detached(): Client;
};

/** A gateway that is reconciling answers 503; it is worth waiting that long for it. */
const patience = 60_000;
const tidyingDeadline = 30_000;

type Where = { env: Record<string, string | undefined>; home: string; command: string };

/** From BINE_URL and BINE_KEY, else from what the gateway and its first start left in BINE_HOME. */
export async function findAddress({ env, home, command }: Where): Promise<Address> {
  const file = await readGatewayFile(home);
  const local = file?.url;
  const url = env.BINE_URL || local;
  if (url === local && file?.certificate) await trustFile(join(home, file.certificate));
  if (env.BINE_CA) await trustFile(env.BINE_CA);
  if (!url) throw new Problem('conflict', `No gateway is running on ${home}. Start it with "${command} up".`);
  if (env.BINE_KEY) return { url, key: env.BINE_KEY };
  // The key of this machine's administrator goes nowhere else.
  if (url !== local) throw new Problem('no-key', `Put the API key for ${url} into BINE_KEY.`);
  const keyFile = join(home, 'admin.key');
  const key = await readFile(keyFile, 'utf8').catch((cause: unknown) => {
    throw new Problem('no-key', `There is no readable API key in ${keyFile}. Put one into BINE_KEY, or run "${command} doctor".`, {
      cause,
    });
  });
  return { url, key: key.trim() };
}

/** The certificate of a gateway, or of who vouches for it. */
async function trustFile(file: string): Promise<void> {
  const pem = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new Problem('invalid', `The certificate ${file} cannot be read. Set BINE_CA to a file of certificates as PEM.`, { cause });
  });
  trustCertificates(pem);
}

export function createClient(address: Address, command: string, signal: AbortSignal): Client {
  const base = address.url.replace(/\/$/, '') + apiPrefix;
  const headers = { authorization: `Bearer ${address.key}` };
  const send = async (request: Request) => {
    const response = await patientFetch(request, signal).catch((error: unknown) => {
      throw unreachable(error, { url: address.url, command, signal });
    });
    if (!response.ok) throw await readProblem(response);
    return response;
  };
  const link = new OpenAPILink(contract, { url: base, headers, fetch: (request) => send(request) });
  return {
    ...address,
    api: createORPCClient(link),
    detached: () => createClient(address, command, AbortSignal.timeout(tidyingDeadline)),
    fetch: (path, init) =>
      send(new Request(base + path, { ...init, headers: { ...headers, ...(init?.headers as Record<string, string>) } })),
  };
}

async function patientFetch(request: Request, signal: AbortSignal): Promise<Response> {
  const deadline = Date.now() + patience;
  for (;;) {
    // A body that streams can be sent once only; it is never worth a second try.
    const again = request.body === null ? request.clone() : null;
    const response = await fetch(request, { signal: AbortSignal.any([signal, request.signal]) });
    if (response.status !== 503 || !again || Date.now() > deadline) return response;
    const body = (await response.clone().json()) as ProblemBody;
    if (body.code !== 'starting') return response;
    await wait(Number(response.headers.get('retry-after') ?? 1) * 1000, undefined, { signal });
    request = again;
  }
}

function unreachable(error: unknown, o: { url: string; command: string; signal: AbortSignal }): unknown {
  if (o.signal.aborted || (error as Error).name === 'AbortError') return o.signal.reason ?? error;
  const distrust = distrustOf(error);
  if (distrust !== null) {
    const why = `The certificate of ${o.url} is not trusted (${distrust}). Set BINE_CA to the file with it, or with the certificate of the authority that signed it.`;
    return new Problem('conflict', why, { cause: error });
  }
  return new Problem('conflict', `The gateway at ${o.url} does not answer. Start it with "${o.command} up".`, { cause: error });
}

async function readProblem(response: Response): Promise<Problem> {
  // What is not the gateway's own answer, as a proxy's page, is told by its status.
  const body = (await response.json().catch(() => ({}))) as Partial<ProblemBody>;
  const code: ProblemCode = body.code && body.code in problems ? body.code : 'internal';
  const detail = body.detail ?? `The gateway answered ${response.status} ${response.statusText}, which it should not.`;
  const asked = body.requestId ? ` (request ${body.requestId})` : '';
  return new Problem(code, code === 'internal' ? detail + asked : detail, body.fields ? { fields: body.fields } : {});
}

/** What ended an event stream, as a Problem. */
export function asProblem(error: unknown): unknown {
  if (!(error instanceof ORPCError)) return error;
  const code = error.code as ProblemCode;
  return new Problem(code in problems ? code : 'internal', error.message, { cause: error });
}
