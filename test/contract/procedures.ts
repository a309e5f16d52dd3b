/** The contract as a table: each procedure with what it needs, a good input, and bad values for its fields. */
import { z } from 'zod';
import { apiPrefix, contract } from '@bine/shared';
import type { Access } from '@bine/shared';
import type { Client, TestGateway } from './gateway.ts';
import { samples } from './samples.ts';

export type Input = Record<string, unknown>;

export type Procedure = {
  name: string;
  access: Access;
  method: string;
  path: string;
  input: Input;
  badValues: [field: string, value: unknown][];
};

type Definition = { meta: Access; route: { method?: string; path?: `/${string}` }; inputSchema: z.ZodType };

/** @param project of which the caller is owner */
export function procedures(project: string): Procedure[] {
  const inputs = samples(project) as Record<string, Record<string, Input>>;
  return Object.entries(contract).flatMap(([domain, table]) =>
    Object.entries(table).map(([name, procedure]) => {
      const { meta, route, inputSchema } = (procedure as { '~orpc': Definition })['~orpc'];
      return {
        name: `${domain}.${name}`,
        access: meta,
        method: route.method ?? 'POST',
        path: route.path ?? '',
        input: inputs[domain]![name]!,
        badValues: badValues(inputSchema),
      };
    }),
  );
}

type FieldSchema = { type?: string; enum?: unknown[]; pattern?: string; maxLength?: number; anyOf?: FieldSchema[] };

/** Of every field but the project, which is looked up before anything is checked. */
function badValues(schema: z.ZodType): [string, unknown][] {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input' }) as { properties?: Record<string, FieldSchema> };
  return Object.entries(properties)
    .filter(([field]) => field !== 'project')
    .map(([field, property]) => [field, badValue(property)]);
}

function badValue({ type, enum: values, pattern, maxLength }: FieldSchema): unknown {
  if (type === 'string' && !values && !pattern && maxLength) return 'x'.repeat(maxLength + 1);
  return '!';
}

/** As a plain HTTP client does it: path, query and body. */
export async function callRest(gateway: TestGateway, { method, path, input }: Procedure, key?: string): Promise<Answer> {
  const rest = { ...input };
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(rest[name]);
    delete rest[name];
    return encodeURIComponent(value);
  });
  const isGet = method === 'GET';
  const query = isGet ? new URLSearchParams(rest as Record<string, string>).toString() : '';
  const response = await gateway.fetch(`${apiPrefix}${filled}${query && `?${query}`}`, {
    method,
    ...(key && { key }),
    ...(!isGet && { body: JSON.stringify(rest), headers: { 'content-type': 'application/json' } }),
  });
  const isProblem = response.headers.get('content-type') === 'application/problem+json';
  if (!isProblem) await response.body?.cancel();
  return { status: response.status, problem: isProblem ? ((await response.json()) as Answer['problem']) : null };
}

export type Answer = {
  status: number;
  problem: { code: string; detail: string; status: number; requestId: string; fields?: { field: string }[] } | null;
};

/** As our own clients do it. A stream is opened and left. */
export async function callSocket(client: Client, { name, input }: Procedure): Promise<Answer> {
  const [domain, verb] = name.split('.') as [string, string];
  const call = (client as unknown as Record<string, Record<string, (input: Input) => Promise<unknown>>>)[domain]![verb]!;
  try {
    const output = await call(input);
    if (typeof output === 'object' && output !== null && Symbol.asyncIterator in output) await (output as AsyncGenerator).return(undefined);
    return { status: 200, problem: null };
  } catch (error) {
    const { status, data } = error as { status: number; data: Answer['problem'] };
    if (!data) throw error;
    return { status, problem: data };
  }
}
