/** The contract as an OpenAPI 3.1 document, with the routes by which bytes travel described beside it. */
import { OpenAPIGenerator } from '@orpc/openapi';
import { Environment, Event, FileStat, Kernel, Key, Project, User, apiPrefix, contract } from '@bine/shared';
import type { Access } from '@bine/shared';
import { problems } from '@bine/shared/problems';
import { streamingRoutes } from './openapi-routes.ts';
import { bodyRules, schemaConverter } from './openapi-rules.ts';
import { describeStreams, streamError } from './openapi-streams.ts';

export type OpenApiDocument = Awaited<ReturnType<OpenAPIGenerator['generate']>>;
export type Operation = NonNullable<NonNullable<OpenApiDocument['paths']>[string]>['get'];

const description = `Bine's gateway: projects, files, environments, kernels and events.

Send an API key as \`Authorization: Bearer bine_…\`. Every error is a problem (RFC 9457) whose \`code\` is stable and whose
\`detail\` says what was wrong and what to do. Streams are \`text/event-stream\`; where an event has an id, send the last one
back as \`Last-Event-ID\` and none is missed. Until the gateway has found out what runs, it answers 503 with \`Retry-After\`.
All procedures are also served over one WebSocket at \`${apiPrefix}/socket\` (subprotocol \`bine.v1\`, oRPC).`;

export async function describeApi(version: string): Promise<OpenApiDocument> {
  const generator = new OpenAPIGenerator({ schemaConverters: [schemaConverter()] });
  const document = await generator.generate(contract, {
    info: { title: 'Bine', version, description, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: apiPrefix }],
    security: [{ key: [] }],
    commonSchemas: Object.fromEntries(
      Object.entries({ Environment, Event, FileStat, Kernel, Key, Project, User }).map(([name, schema]) => [
        name,
        { schema, strategy: 'output' },
      ]),
    ),
  });
  document.paths = { ...document.paths, ...streamingRoutes };
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, Problem: problemSchema, StreamError: streamError },
    responses: Object.fromEntries([...statuses, null].map((status) => [responseName(status), problemResponse(status)])),
    securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'An API key' } },
  };
  for (const item of Object.values(document.paths)) {
    for (const method of ['get', 'head', 'put', 'post', 'patch', 'delete'] as const) {
      const operation = item?.[method];
      if (operation) complete(operation, accessOf(operation));
    }
  }
  return document;
}

const problemSchema: NonNullable<NonNullable<OpenApiDocument['components']>['schemas']>[string] = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'detail'],
  properties: {
    type: { type: 'string', format: 'uri' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', enum: Object.keys(problems) },
    detail: { type: 'string', description: 'What was wrong, with which value, and what to do' },
    fields: {
      type: 'array',
      description: 'The fields of the input that were not accepted',
      items: {
        type: 'object',
        required: ['field', 'problem'],
        properties: { field: { type: 'string', description: 'A dotted path' }, problem: { type: 'string' } },
      },
    },
    requestId: { type: 'string', description: 'Under which the log of the gateway says more' },
  },
};

/** The generator names an operation by its path in the contract; the streaming routes bring their own access. */
function accessOf(operation: NonNullable<Operation>): Access {
  const own = (operation as { 'x-access'?: Access })['x-access'];
  if (own) return own;
  const [domain, name] = (operation.operationId ?? '').split('.');
  const procedures = contract[domain as keyof typeof contract] as Record<string, { '~orpc': { meta: Access } }> | undefined;
  const procedure = procedures?.[name ?? ''];
  if (!procedure) throw new Error(`the contract has no procedure ${operation.operationId}`);
  return procedure['~orpc'].meta;
}

function complete(operation: NonNullable<Operation>, access: Access): void {
  const { scope, role, admin } = access;
  const needs = [scope && `the scope \`${scope}\``, role && `the role \`${role}\` in the project or more`, admin && 'an administrator'];
  const needed = needs.filter(Boolean).join(', ');
  operation.description = [operation.description, needed && `Needs ${needed}.`].filter(Boolean).join('\n\n');
  if (scope === null) operation.security = [];
  Object.assign(operation, { 'x-access': access });
  const expected = [422, 500, 503, ...(scope === null ? [] : [401, 403]), ...(role ? [404] : [])];
  for (const status of expected) operation.responses = { ...operation.responses, [status]: refer(status) };
  operation.responses = { ...operation.responses, default: refer(null) };
  describeStreams(operation);
  addBodyRule(operation);
}

function addBodyRule({ operationId = '', requestBody }: NonNullable<Operation>): void {
  const json = requestBody && 'content' in requestBody ? requestBody.content['application/json'] : undefined;
  if (json && bodyRules[operationId]) json.schema = { ...json.schema, ...bodyRules[operationId] };
}

const statuses = [...new Set(Object.values(problems).map((problem) => problem.status))];

function responseName(status: number | null): string {
  return status === null ? 'Problem' : `Problem${status}`;
}

function refer(status: number | null): { $ref: string } {
  return { $ref: `#/components/responses/${responseName(status)}` };
}

function problemResponse(status: number | null) {
  const titles = Object.values(problems).flatMap((problem) => (problem.status === status ? [problem.title] : []));
  return {
    description: titles.map((title) => `${title}.`).join(' ') || 'Any other problem.',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
}
