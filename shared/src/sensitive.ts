/** Which fields of the contract hold what nobody else may see. Whatever writes inputs down (a log, an audit) goes through `redact`. */
import { z } from 'zod';

const marked = z.registry<{ sensitive: true }>();

/** Marks a schema: its values are never written down. */
export function sensitive<T extends z.ZodType>(schema: T): T {
  marked.add(schema, { sensitive: true });
  return schema;
}

export const redacted = '***';

/** A copy of a call's input that can be written down: what the schema marks is `***`, whether it is valid or not. */
export function redact(schema: unknown, value: unknown): unknown {
  if (!(schema instanceof z.ZodType)) return value;
  if (marked.has(schema)) return value === undefined ? undefined : redacted;
  if (schema instanceof z.ZodObject) return redactFields(schema, value);
  if (schema instanceof z.ZodArray) return Array.isArray(value) ? value.map((one) => redact(schema.element, one)) : value;
  if (schema instanceof z.ZodRecord) return mapFields(value, (one) => redact(schema.valueType, one));
  if (schema instanceof z.ZodUnion) return schema.options.reduce((left: unknown, option) => redact(option, left), value);
  return redact(innerOf(schema), value);
}

function redactFields(schema: z.ZodObject, value: unknown): unknown {
  return mapFields(value, (one, name) => redact(schema.shape[name], one));
}

function mapFields(value: unknown, change: (one: unknown, name: string) => unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, change(one, name)]));
}

/** What an optional, nullable or defaulted schema is about. */
function innerOf(schema: z.ZodType): unknown {
  const { innerType } = schema.def as { innerType?: unknown };
  return innerType;
}
