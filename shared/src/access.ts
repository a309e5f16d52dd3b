/** Users, API keys and what they may do. */
import { z } from 'zod';
import { Nothing, ProjectName, Role, Scope, Time, procedure } from './base.ts';
import { userName } from './names.ts';

export const UserName = z.string().regex(userName.pattern, userName.hint);

export const User = z.object({
  name: UserName,
  admin: z.boolean(),
  created: Time,
  disabled: z.boolean().describe('May not sign in, and schedules nothing'),
});
export type User = z.infer<typeof User>;

/** A key as listed. The secret itself is shown once, on creation, and only its hash is kept. */
export const Key = z.object({
  id: z.string(),
  name: z.string(),
  user: UserName,
  scopes: z.array(Scope),
  created: Time,
  expires: Time.nullable(),
  lastUsed: Time.nullable(),
  parent: z.string().nullable().describe('The key that it was made with, and ends with'),
});
export type Key = z.infer<typeof Key>;

export const Me = z.object({
  user: User,
  key: Key,
  projects: z.array(z.object({ project: ProjectName, role: Role })),
});
export type Me = z.infer<typeof Me>;

const NewKey = z.strictObject({
  name: z.string().min(1).max(100).describe('What the key is for'),
  user: UserName.optional().describe('Whose key; an administrator may name another user. Default: yourself'),
  scopes: z.array(Scope).min(1).optional().describe('Default: all scopes of the calling key'),
  days: z.int().min(1).max(3650).default(365).describe('Days until it expires; never after the calling key'),
});

const KeyId = z.string().max(64);

const tags = ['Access'];

export const access = {
  me: procedure.meta({ scope: 'keys:read' }).route({ method: 'GET', path: '/me', summary: 'Who am I', tags }).input(Nothing).output(Me),
  listKeys: procedure
    .meta({ scope: 'keys:read' })
    .route({
      method: 'GET',
      path: '/keys',
      summary: 'List your API keys that do not allow more than the calling one (an administrator: of all users)',
      tags,
    })
    .input(Nothing)
    .output(z.array(Key)),
  createKey: procedure
    .meta({ scope: 'keys:write' })
    .route({ method: 'POST', path: '/keys', successStatus: 201, summary: 'Create an API key; its secret is in this answer only', tags })
    .input(NewKey)
    .output(z.object({ key: Key, secret: z.string() })),
  revokeKey: procedure
    .meta({ scope: 'keys:write' })
    .route({ method: 'DELETE', path: '/keys/{key}', summary: 'Revoke an API key with those that were made with it', tags })
    .input(z.strictObject({ key: KeyId }))
    .output(z.object({ revoked: z.array(z.string()).describe('The ids of the keys that ended') })),
  updateKey: procedure
    .meta({ scope: 'keys:write' })
    .route({ method: 'PATCH', path: '/keys/{key}', summary: 'Rename an API key, or take scopes away from it', tags })
    .input(
      z.strictObject({
        key: KeyId,
        name: z.string().min(1).max(100).optional(),
        scopes: z.array(Scope).min(1).optional().describe('Those that stay; keys that were made with it lose the others too'),
      }),
    )
    .output(Key),
  listUsers: procedure
    .meta({ scope: 'users:read' })
    .route({ method: 'GET', path: '/users', summary: 'List users', tags })
    .input(Nothing)
    .output(z.array(User)),
  createUser: procedure
    .meta({ scope: 'users:write', admin: true })
    .route({ method: 'POST', path: '/users', successStatus: 201, summary: 'Create a user', tags })
    .input(z.strictObject({ name: UserName, admin: z.boolean().default(false) }))
    .output(User),
  updateUser: procedure
    .meta({ scope: 'users:write', admin: true })
    .route({ method: 'PATCH', path: '/users/{name}', summary: 'Disable or enable a user, or change who is an administrator', tags })
    .input(
      z.strictObject({
        name: UserName,
        disabled: z.boolean().optional().describe('Ends the keys and pauses the schedules'),
        admin: z.boolean().optional().describe('May act as owner in every project'),
      }),
    )
    .output(User),
  deleteUser: procedure
    .meta({ scope: 'users:write', admin: true })
    .route({
      method: 'DELETE',
      path: '/users/{name}',
      summary: 'Delete a user with the keys and memberships; what only that user could use is stopped',
      tags,
    })
    .input(z.strictObject({ name: UserName }))
    .output(Nothing),
};
