/** Which methods an address knows, so that another one is told apart from an address that there is not. */
import { apiPrefix } from '@bine/shared';
import type { OpenApiDocument } from './openapi.ts';

export type KnownMethods = (path: string) => string[];

const methods = ['get', 'head', 'put', 'post', 'patch', 'delete'] as const;

export function createKnownMethods({ paths = {} }: OpenApiDocument): KnownMethods {
  const table = Object.entries(paths).map(([path, item]) => ({
    pattern: new RegExp(`^${apiPrefix}${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
    known: methods.filter((method) => item?.[method]).map((method) => method.toUpperCase()),
  }));
  return (path) => [...new Set(table.flatMap(({ pattern, known }) => (pattern.test(path) ? known : [])))];
}
