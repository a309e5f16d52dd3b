/**
 * Who may do what, decided in one place for procedures, plain routes and sockets, in the order that tells a stranger
 * least: key, scope, project, role. What a procedure needs stands in its contract.
 */
import { roles } from '@bine/shared';
import type { Access, Role } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import { nobody } from '../../domains/access/principal.ts';
import type { Principal } from '../../domains/access/principal.ts';

/** The caller, or why there is none: a request without a valid key may still ask what is open to anybody. */
export type Caller = Principal | Problem;

/** The caller's role in the project of that name; null when there is none, or no such project. */
export type RoleOf = (principal: Principal, project: string) => Promise<Role | null>;

/** @throws Problem no-key, bad-key, missing-scope, not-found, missing-role */
export type Authorise = (caller: Caller, needs: Access, project?: unknown) => Promise<Principal>;

export function createAuthorise(roleOf: RoleOf): Authorise {
  return async (caller, needs, project) => {
    if (needs.scope === null) return caller instanceof Problem ? nobody : caller;
    if (caller instanceof Problem) throw caller;
    if (caller.expires !== null && caller.expires <= Date.now()) throw expired();
    checkScope(caller, needs.scope);
    if (needs.admin && !caller.admin) throw new Problem('missing-role', 'Only an administrator may do this; ask one.');
    if (needs.role) await checkRole({ principal: caller, least: needs.role, project, roleOf });
    return caller;
  };
}

export function expired(): Problem {
  return new Problem('bad-key', 'The API key has expired or was revoked. Sign in with another one.');
}

/** The same words for a project that is not there and one that the caller is not in. */
export function noProject(name: string): Problem {
  return new Problem('not-found', `There is no project "${name}" that you are a member of.`);
}

function checkScope(principal: Principal, scope: NonNullable<Access['scope']>): void {
  if (principal.scopes.includes(scope)) return;
  throw new Problem('missing-scope', `This needs the scope "${scope}", which the API key does not have. Use a key that has it.`);
}

async function checkRole(check: { principal: Principal; least: Role; project: unknown; roleOf: RoleOf }): Promise<void> {
  const { principal, least, project, roleOf } = check;
  if (typeof project !== 'string') {
    throw new Problem('invalid', 'project: the name of a project is needed', {
      fields: [{ field: 'project', problem: 'the name of a project is needed' }],
    });
  }
  const role = await roleOf(principal, project);
  if (role === null) throw noProject(project);
  if (roles.indexOf(role) <= roles.indexOf(least)) return;
  throw new Problem('missing-role', `You are ${role} in the project "${project}"; this needs ${least}. Ask an owner of the project.`);
}
