/** Rules of inputs that are checked by code, written as JSON Schema, so that clients made from the document know them. */
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4';
import { z } from 'zod';
import { NumberOrDigits, ProjectPath, contract } from '@bine/shared';

type Rule = { pattern?: string; anyOf?: object[] };

/** Without separators, control characters and what stands for broken UTF-8; `.` and `..` are no names. */
const fileName = String.raw`(?!\.{1,2}(?:/|$))[^/\\\u0000-\u001f\u007f-\u009f\ufffd]{1,255}`;
export const pathPattern = `^(?:${fileName}(?:/${fileName})*)?$`;

const cronPattern = String.raw`^\s*(?:@[a-zA-Z]+|\S+(?:\s+\S+){4,5})\s*$`;

const { setCredential, setIdentity } = contract.git;
/** A schema that was made from one of these, by a description or a length, has its rule too. */
const rules = z
  .registry<Rule>()
  .add(ProjectPath, { pattern: pathPattern })
  .add(contract.schedules.create['~orpc'].inputSchema!.shape.cron, { pattern: cronPattern })
  .add(setCredential['~orpc'].inputSchema!.shape.token, { pattern: String.raw`^\s*\S+\s*$` })
  .add(setIdentity['~orpc'].inputSchema!.shape.name, { pattern: String.raw`^\s*[^\s<>](?:[^\n<>]*[^\s<>])?\s*$` });

/** Of the fields of a body together. */
export const bodyRules: Record<string, Rule> = {
  'git.commit': {
    anyOf: [{ properties: { message: { pattern: String.raw`\S` } } }, { properties: { amend: { const: true } }, required: ['amend'] }],
  },
};

export function schemaConverter(): ZodToJsonSchemaConverter {
  return new ZodToJsonSchemaConverter({
    interceptors: [
      ({ next, ...given }) => {
        if (given.options.strategy !== 'input') return next();
        const [required, json] = next({ ...given, schema: numberOf(given.schema) ?? given.schema });
        const rule = rules.get(given.schema);
        return [required, rule && typeof json === 'object' && !('$ref' in json) ? { ...json, ...rule } : json];
      },
    ],
  });
}

/** Digits are a number's form in a query, not another type. */
function numberOf(schema: z.core.$ZodType): z.core.$ZodType | null {
  return schema instanceof z.ZodPipe && schema.in === NumberOrDigits ? schema.out : null;
}
