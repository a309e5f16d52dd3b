/** Secrets: values that programs need and nobody is to see. They are set, listed by name, given to programs by name, and never told again. */
import { z } from 'zod';
import { UserName } from './access.ts';
import { InProject, Nothing, ProjectName, Time, procedure } from './base.ts';
import { secretName } from './names.ts';
import { sensitive } from './sensitive.ts';

export const SecretName = z.string().regex(secretName.pattern, secretName.hint);

/** Bytes of a value. */
export const largestSecret = 65_536;

/** How a program gets a secret. Its file is `$BINE_SECRETS_DIR/NAME` in any case. */
export const SecretUse = z.strictObject({
  name: SecretName,
  as: z.enum(['environment', 'file']).default('environment').describe('environment: also as an environment variable of the program'),
  variable: z
    .string()
    .regex(secretName.pattern, secretName.hint)
    .optional()
    .describe("The variable with the value (default: the secret's name), or for a file the one with its path (default: none)"),
});
export type SecretUse = z.infer<typeof SecretUse>;

export const SecretUses = z.array(SecretUse).max(100);

export const SecretUser = z.object({
  type: z.enum(['job', 'execution', 'kernel']),
  project: ProjectName,
  id: z.string(),
  title: z.string(),
});
export type SecretUser = z.infer<typeof SecretUser>;

/** Of a secret, all that is ever told. */
export const Secret = z.object({
  name: SecretName,
  owner: z.enum(['project', 'user']),
  set: Time.describe('When its value was set last'),
  setBy: UserName,
  usedBy: z.array(SecretUser).describe('Jobs that name it, executions and kernels that have it'),
});
export type Secret = z.infer<typeof Secret>;

export const KeyRotation = z.object({
  sealed: z.int().describe('Secrets and Git tokens that were sealed again'),
  unreadable: z.int().describe('Those that could not be read before either, as their key is lost; they have to be set again'),
});
export type KeyRotation = z.infer<typeof KeyRotation>;

const Value = {
  // Base64 takes four characters for three bytes.
  value: sensitive(
    z
      .string()
      .max(Math.ceil(largestSecret / 3) * 4)
      .describe('At most 64 KiB'),
  ),
  encoding: z.enum(['utf8', 'base64']).default('utf8').describe('base64: for bytes that are no text'),
};

const InSecret = z.strictObject({ project: ProjectName, name: SecretName });
const Mine = z.strictObject({ name: SecretName });
const read = { scope: 'secrets:read', role: 'data-scientist' } as const;
const write = { scope: 'secrets:write', role: 'data-scientist' } as const;
const tags = ['Secrets'];

export const secrets = {
  list: procedure
    .meta(read)
    .route({ method: 'GET', path: '/projects/{project}/secrets', summary: 'List the secrets of a project, never their values', tags })
    .input(InProject)
    .output(z.array(Secret)),
  set: procedure
    .meta(write)
    .route({ method: 'PUT', path: '/projects/{project}/secrets/{name}', summary: 'Set a secret of a project', tags })
    .input(InSecret.extend(Value))
    .output(Secret),
  remove: procedure
    .meta(write)
    .route({
      method: 'DELETE',
      path: '/projects/{project}/secrets/{name}',
      summary: 'Remove a secret of a project; what runs keeps the value until it ends',
      tags,
    })
    .input(InSecret)
    .output(Nothing),
  rotateKey: procedure
    .meta({ scope: 'secrets:write', admin: true })
    .route({
      method: 'POST',
      path: '/secrets-key/rotate',
      summary: 'Seal all secrets and Git tokens with a new key, and forget the old one',
      tags,
    })
    .input(Nothing)
    .output(KeyRotation),
  listMine: procedure
    .meta({ scope: 'secrets:read' })
    .route({ method: 'GET', path: '/secrets', summary: 'List your own secrets, never their values', tags })
    .input(Nothing)
    .output(z.array(Secret)),
  setMine: procedure
    .meta({ scope: 'secrets:write' })
    .route({ method: 'PUT', path: '/secrets/{name}', summary: 'Set a secret of yours; only what you run yourself gets it', tags })
    .input(Mine.extend(Value))
    .output(Secret),
  removeMine: procedure
    .meta({ scope: 'secrets:write' })
    .route({
      method: 'DELETE',
      path: '/secrets/{name}',
      summary: 'Remove a secret of yours; what runs keeps the value until it ends',
      tags,
    })
    .input(Mine)
    .output(Nothing),
};
