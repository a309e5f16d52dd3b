/**
 * Who may do what, decided in one place for procedures, plain routes and sockets, in the order that tells a stranger
 * least: key, scope, project, role. What a procedure needs stands in its contract. What a caller may is looked up anew each time: the key
 * may have been revoked or narrowed since its connection began.
 */
import { roles } from '@bine/shared';
import type { Access, Role } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import { nobody } from '../../domains/access/principal.ts';
import type { Principal } from '../../domains/access/principal.ts';

/** The caller, or why there is none: a request without a valid key may still ask what is open to anybody. */
export type Caller = Principal | Problem;

/** What is needed: access as the contract says, or any valid key. */
export type Needs = Access | 'key';

export type AuthoriseDeps = {
  /** The caller's key as it is now; null: it is not valid any more. */
  current: (principal: Principal) => Principal | null;
  /** The caller's role in the project of that name; null when there is none, or no such project. */
  roleOf: (principal: Principal, project: string) => Promise<Role | null>;
};

/** @throws Problem no-key, bad-key, missing-scope, not-found, missing-role */
export type Authorise = (caller: Caller, needs: Needs, project?: unknown) => Promise<Principal>;

export function createAuthorise({ current, roleOf }: AuthoriseDeps): Authorise {
  return async (caller, needs, project) => {
    const isOpen = needs !== 'key' && needs.scope === null;
    if (isOpen) return caller instanceof Problem ? nobody : caller;
    if (caller instanceof Problem) throw caller;
    const principal = current(caller);
    if (!principal) throw revoked();
    if (needs === 'key') return principal;
    if (needs.scope) checkScope(principal, needs.scope);
    if (needs.admin && !principal.admin) throw new Problem('missing-role', 'Only an administrator may do this; ask one.');
    if (needs.role) await checkRole({ principal, least: needs.role, project, roleOf });
    return principal;
  };
}

function revoked(): Problem {
  return new Problem('bad-key', 'The API key has expired or was revoked. Sign in with another one.');
}
/** The same words for a project that is not there and one that the caller is not in. */
function noProject(name: string): Problem {
  return new Problem('not-found', `There is no project "${name}" that you are a member of.`);
}

function checkScope(principal: Principal, scope: NonNullable<Access['scope']>): void {
  if (principal.scopes.includes(scope)) return;
  throw new Problem('missing-scope', `This needs the scope "${scope}", which the API key does not have. Use a key that has it.`);
}

async function checkRole(check: { principal: Principal; least: Role; project: unknown; roleOf: AuthoriseDeps['roleOf'] }): Promise<void> {
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
