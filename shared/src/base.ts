/** What every procedure of the contract shares: its scope, the role it needs in a project, and common field shapes. */
import { oc } from '@orpc/contract';
import { z } from 'zod';
import { projectName } from './names.ts';

export const scopes = [
  'projects:read',
  'projects:write',
  'files:read',
  'files:write',
  'environments:read',
  'environments:write',
  'kernels:read',
  'kernels:write',
  'jobs:read',
  'jobs:write',
  'git:read',
  'git:write',
  'secrets:read',
  'secrets:write',
  'events:read',
  'keys:read',
  'keys:write',
  'users:read',
  'users:write',
  'audit:read',
] as const;
export const Scope = z.enum(scopes);
export type Scope = z.infer<typeof Scope>;

/** From most to least: an owner manages members, a data scientist runs and edits, a viewer looks. */
export const roles = ['owner', 'data-scientist', 'viewer'] as const;
export const Role = z.enum(roles);
export type Role = z.infer<typeof Role>;

/**
 * Who may call a procedure. `scope: null` is open to anybody. `role` is the least role in the project that the
 * input's `project` names; `admin` asks for an administrator.
 */
export type Access = { scope: Scope | null; role?: Role; admin?: boolean };

export const procedure = oc.$meta<Access>({ scope: null });

/** Lower-case letters, digits and inner `-` or `_`; 1 to 63 characters. The user's name of a project. */
export const ProjectName = z.string().regex(projectName.pattern, projectName.hint);

/** A path inside a project: relative, `/` between names; `''` is the project's folder. Checked again where it is used. */
export const ProjectPath = z
  .string()
  .max(4096)
  .refine((path) => !path.includes('\0'), 'must not contain a NUL character');

export const Time = z.iso.datetime().describe('UTC, ISO 8601 with milliseconds');

export const InProject = z.strictObject({ project: ProjectName });
export const Nothing = z.strictObject({});

/** A number, or its digits in a query. `Number` would take an empty text, null and an empty list for 0. */
export const NumberOrDigits = z.union([z.number(), z.string().regex(/^-?\d{1,16}$/, 'must be a whole number')], {
  error: 'must be a whole number',
});

/** Of a field that also comes in a query. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER) {
  return NumberOrDigits.pipe(z.coerce.number<number | string>().int().min(least).max(most));
}
