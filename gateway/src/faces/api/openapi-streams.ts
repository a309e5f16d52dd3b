/** Streams in the document, as they are on the wire: the `data` of an event is a line of text, which holds JSON. */
import type { OpenApiDocument, Operation } from './openapi.ts';

/** What the last event says when a stream ends before its end. */
export const streamError: NonNullable<NonNullable<OpenApiDocument['components']>['schemas']>[string] = {
  type: 'object',
  required: ['code', 'status', 'message', 'data'],
  properties: {
    defined: { type: 'boolean' },
    code: { type: 'string' },
    status: { type: 'integer' },
    message: { type: 'string' },
    data: { $ref: '#/components/schemas/Problem' },
  },
};

type Schema = { properties?: Record<string, unknown>; oneOf?: Schema[]; [keyword: string]: unknown };
type Content = Record<string, { schema?: Schema } | undefined>;

export function describeStreams(operation: NonNullable<Operation>): void {
  for (const response of Object.values(operation.responses ?? {})) {
    const { 'text/event-stream': stream } = (response as { content?: Content }).content ?? {};
    if (!stream?.schema) continue;
    stream.schema = {
      description: 'One event of the stream: its fields by name, each a line of text. Comments, which begin with ":", keep it open.',
      ...stream.schema,
      oneOf: (stream.schema.oneOf ?? []).map(asText),
    };
  }
}

function asText(event: Schema): Schema {
  const { data, ...others } = event.properties ?? {};
  const isError = (others['event'] as { const?: string }).const === 'error';
  const contentSchema = isError ? { $ref: '#/components/schemas/StreamError' } : data;
  const asSent = { type: 'string', contentMediaType: 'application/json', contentSchema };
  return { ...event, properties: { ...others, data: asSent } };
}
